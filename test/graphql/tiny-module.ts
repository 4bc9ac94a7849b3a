import { declareEntity, dimensionTag, listTag, rowTag } from '#src/engine/cache/model/entity.ts'
import { GatewayError } from '#src/errors.ts'
import { batched, type EntityType, Expiring, type Module, type ReadContext, type RequestContext } from '#src/gateway/contract/module.ts'

export interface Note {
  readonly id: number
  readonly tenantId: string
  readonly folder: string
  readonly text: string
}

export const noteEntity = declareEntity({
  type: 'Note',
  table: 'notes',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['folder'],
  listed: ['folder'],
})
export const wordEntity = declareEntity({
  type: 'Word',
  table: 'words',
  tenantColumn: null,
  idColumn: 'name',
  dimensions: [],
  listed: ['name'],
})

/**
 * A small schema that contains each kind of field: rows and lists of a tenant, fields restricted to a role or a user,
 * public words, and failing fields.
 */
export const TINY_SDL = /* GraphQL */ `
  enum Role { VIEWER EDITOR ADMIN OPERATOR }
  interface Node @cacheControl(maxAge: 60, scope: PRIVATE) { id: ID! }
  type Query {
    note(id: ID!): Note
    node(id: ID!): Node
    notes(folder: String): NoteList! @listSize(assumedSize: 100, sizedFields: ["nodes", "vandalised"]) @cache(l1: 60, l2: 300, staleWhileRevalidate: 30, depends: ["Note[folder: $args.folder]"])
    word(name: String!): Word
    words: WordList! @listSize(assumedSize: 100, sizedFields: ["nodes"]) @cache(l1: 60, l2: 600, scope: PUBLIC, staleWhileRevalidate: 30, staleIfError: 300, depends: ["Word"])
    greeting: String @cache(l1: 60, l2: 60, scope: USER, depends: [])
    budget: String @cache(l1: 60, l2: 60, scope: ROLE, depends: [])
    revenue: Int @auth(requires: ADMIN) @cache(l1: 60, l2: 60, scope: ROLE, depends: [])
    soon: Int @cache(l1: 60, l2: 60, depends: [])
    lucky: Int
    clearance: String @strict
    raw: String
    tools: Tools! @cacheControl(maxAge: 60)
    fails(how: String!): String
  }
  type NoteList {
    nodes: [Note!]!
    "Its resolver sorts the cached list in place, which must not work."
    vandalised: [ID!]
  }
  type WordList { nodes: [Word!]! }
  type Tools { version: Int @cache(l1: 60, l2: 60, depends: []) }
  type Mutation {
    setText(id: ID!, text: String!): Note @auth(requires: EDITOR)
    addNote(folder: String!, text: String!): Note @auth(requires: EDITOR)
  }
  type Note implements Node @cache(l1: 60, l2: 900, staleIfError: 300) {
    id: ID!
    text: String!
    folder: String!
    length: Int! @cache(l1: 60, l2: 900, depends: [])
    loud: String! @auth(requires: ADMIN)
  }
  type Word @cache(l1: 60, l2: 600, scope: PUBLIC, staleWhileRevalidate: 10, staleIfError: 300) { name: ID!, letters: Int! }
`

/**
 * An in-memory data source that records each load with its keys and with the parts of the request that the load could
 * see.
 */
export class TinyStore {
  readonly notes: Note[] = []
  readonly words = ['call', 'bid']
  readonly loads: { readonly name: string; readonly keys: readonly unknown[]; readonly read: ReadContext }[] = []
  written: string[] = []
  /** Makes the next COMMIT succeed although its response is lost. */
  losesCommit = false

  note(name: string, keys: readonly unknown[], read: ReadContext): void {
    this.loads.push({ name, keys, read })
  }

  loadsOf(name: string): number {
    return this.loads.filter((load) => load.name === name).length
  }

  put(note: Note): void {
    const old = this.notes.findIndex(({ id, tenantId }) => id === note.id && tenantId === note.tenantId)
    if (old >= 0) this.notes.splice(old, 1)
    this.notes.push(note)
    this.written.push(
      rowTag(noteEntity, note.tenantId, note.id),
      listTag(noteEntity, note.tenantId),
      dimensionTag(noteEntity, note.tenantId, 'folder', note.folder),
    )
  }
}

export function tinyModule(store: TinyStore, now: () => number): Module {
  const noteType: EntityType<Note> = {
    entity: noteEntity,
    async loadMany(read, ids) {
      store.note('Note', ids, read)
      return ids.map((id) => store.notes.find((note) => note.tenantId === read.tenant && String(note.id) === id) ?? null)
    },
  }
  const wordType: EntityType<{ id: string; name: string; letters: number }> = {
    entity: wordEntity,
    async loadMany(read, ids) {
      store.note('Word', ids, read)
      return ids.map((name) => (store.words.includes(name) ? { id: name, name, letters: name.length } : null))
    },
  }
  const field = <Args, Value>(name: string, load: (args: Args, read: ReadContext, parent: unknown) => Value | Expiring<Value> | Error) =>
    batched<unknown, Args, Value>(async (parents, args, read) => {
      store.note(name, parents, read)
      return parents.map((parent) => load(args, read, parent))
    })
  return {
    entities: [noteType, wordType],
    resolvers: {
      Node: { __resolveType: () => 'Note' },
      Query: {
        note: (_: unknown, { id }: { id: string }, context: RequestContext) => context.load(noteType, id),
        node: (_: unknown, { id }: { id: string }, context: RequestContext) => context.load(noteType, id),
        notes: field('notes', ({ folder }: { folder?: string }, read) => ({
          ids: store.notes
            .filter((note) => note.tenantId === read.tenant && (folder === undefined || note.folder === folder))
            .map(({ id }) => id),
        })),
        word: (_: unknown, { name }: { name: string }, context: RequestContext) => context.load(wordType, name),
        words: field('words', () => ({ ids: [...store.words] })),
        greeting: field('greeting', (_args, read) => `hello ${read.userId}`),
        budget: field('budget', (_args, read) => `budget for ${read.role}`),
        revenue: field('revenue', () => 7),
        soon: field('soon', () => new Expiring(1, now() + 5000)),
        lucky: field('lucky', () => 13),
        clearance: field('clearance', (_args, read) => `cleared by ${read.tenant}`),
        raw: (_: unknown, _args: unknown, context: RequestContext) => context.uncached.tenant,
        tools: () => ({}),
        fails: (_: unknown, { how }: { how: string }) => {
          throw failure(how)
        },
      },
      NoteList: {
        nodes: ({ ids }: { ids: number[] }, _: unknown, context: RequestContext) =>
          Promise.all(ids.map((id) => context.load(noteType, id))),
        vandalised: ({ ids }: { ids: number[] }) => ids.sort((a, b) => b - a),
      },
      WordList: {
        nodes: ({ ids }: { ids: string[] }, _: unknown, context: RequestContext) =>
          Promise.all(ids.map((id) => context.load(wordType, id))),
      },
      Tools: { version: field('version', () => 1) },
      Mutation: {
        setText: (_: unknown, { id, text }: { id: string; text: string }, context: RequestContext) =>
          context
            .write(async ({ tenant }) => {
              const old = store.notes.find((note) => note.tenantId === tenant && String(note.id) === id)
              if (!old) throw new GatewayError('NOT_FOUND', `There is no note ${id}.`)
              store.put({ ...old, text })
            })
            .then(() => context.load(noteType, id)),
        addNote: (_: unknown, { folder, text }: { folder: string; text: string }, context: RequestContext) =>
          context
            .write(async ({ tenant }) => {
              const id = store.notes.length + 1
              store.put({ id, tenantId: tenant, folder, text })
              return id
            })
            .then((id) => context.load(noteType, id)),
      },
      Note: {
        id: ({ id }: Note) => id,
        length: field('length', (_args, _read, parent) => (parent as Note).text.length),
        loud: (note: Note) => note.text.toUpperCase(),
      },
    },
  }
}

export const CANARY = 'canary-7f3a'

function failure(how: string): unknown {
  if (how === 'sql')
    return Object.assign(new Error(`duplicate key in "secret_table" ${CANARY}`), { code: '23505', detail: `Key (token)=(${CANARY})` })
  if (how === 'string') return CANARY
  if (how === 'impostor') return Object.assign(new Error(CANARY), { extensions: { code: 'BAD_USER_INPUT', sql: CANARY } })
  if (how === 'configuration') return new GatewayError('CONFIGURATION', `DATABASE_URL is ${CANARY}`)
  if (how === 'unreachable') return Object.assign(new Error(`connect ECONNREFUSED ${CANARY}`), { code: 'ECONNREFUSED' })
  if (how === 'taken') return new GatewayError('CONFLICT', 'Somebody else has changed it.')
  return new TypeError(CANARY)
}
