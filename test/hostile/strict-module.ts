import { connectionPage, pageRequest } from '#src/gateway/contract/connection.ts'
import { rowIdOf, toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { KeysetOrder } from '#src/gateway/contract/keyset-list.ts'
import { batched, type EntityType, type Module, type RequestContext } from '#src/gateway/contract/module.ts'
import type { EnvelopeDocument } from './envelope-shapes.ts'

export const STRICT_SDL = /* GraphQL */ `
  enum Role { VIEWER EDITOR ADMIN OPERATOR }
  interface Node { id: ID! }
  type Query {
    note(id: ID!): Note
    node(id: ID!): Node
    word(name: String!): Word
    page(first: Int! = 1, after: String): Page!
      @listSize(assumedSize: 100, slicingArguments: ["first"], sizedFields: ["nodes"]) @cache(l1: 60, l2: 60, depends: ["Note"])
  }
  type Mutation { touch: Boolean }
  type Page { nodes: [Note!]! }
  type Note implements Node @cache(l1: 60, l2: 60) { id: ID! text: String! }
  type Word @cache(l1: 60, l2: 60, scope: PUBLIC) { name: ID! letters: Int! }
`
const ORDER: KeysetOrder = { column: 'id', type: 'int8', direction: 'asc' }
const NOTE = toGlobalId('Note', 1)

/** Documents for this module, some with variables that a database would reject. */
export const strictDocuments: readonly EnvelopeDocument[] = [
  ['query A($id:ID!){note(id:$id){id text}}', [{ id: NOTE }, { id: '' }, { id: '1' }, { id: ` ${NOTE}` }, { id: toGlobalId('Word', 1) }]],
  [
    'query A($name:String!){word(name:$name){name letters}}',
    [{ name: 'call' }, { name: ' call' }, { name: '\0' }, { name: '\ud83d' }],
    'trusted',
  ],
  [
    'query A($first:Int!,$after:String){page(first:$first,after:$after){nodes{id}}}',
    [{ first: 1 }, { first: 2 }, { first: -1 }, { first: 2 ** 31 - 1 }, { first: 1, after: 'bm9uZQ' }],
  ],
  ['{note(id:"1"){id}}', [{}]],
  ['{nte}', [{}]],
  ['mutation A{touch}', [{}]],
]

/** Creates the error that PostgreSQL throws for an invalid value. */
function refusal(message: string, code: string): Error {
  return Object.assign(new Error(message), { code })
}

/**
 * Adapts a module so that it checks its input like the real modules, and so that its database rejects every invalid
 * value.
 */
export function strictModule({ entities }: Module): Module {
  const [noteType, wordType] = entities as [EntityType<{ id: number }>, EntityType<{ id: string }>]
  const strictNotes: EntityType<{ id: number }> = {
    ...noteType,
    async loadMany(_read, ids) {
      if (!ids.every((id) => /^[1-9]\d{0,14}$/.test(id))) throw refusal('invalid input syntax for type bigint', '22P02')
      return ids.map((id) => ({ id: Number(id), text: `note ${id}` }))
    },
  }
  const strictWords: EntityType<{ id: string }> = {
    ...wordType,
    async loadMany(read, names) {
      if (names.some((name) => name.includes('\0') || !name.isWellFormed()))
        throw refusal('invalid byte sequence for encoding "UTF8"', '22021')
      return wordType.loadMany(read, names)
    },
  }
  const note = (_: unknown, args: { readonly id: string }, context: RequestContext) => {
    const id = rowIdOf('Note', args.id)
    return id === null ? null : context.load(strictNotes, id)
  }
  const page = async (
    parents: readonly unknown[],
    args: { readonly first?: number; readonly after?: string; readonly last?: number; readonly before?: string },
  ) => {
    const asked = pageRequest(args, ORDER, 'Note')
    if (asked.size < 0 || asked.size > 1000) throw refusal('LIMIT must not be negative', '2201W')
    if ([asked.after, asked.before].some((position) => position !== null && typeof position.key !== 'number'))
      throw refusal('invalid input syntax for type bigint', '22P02')
    const rows = [1, 2, 3].map((id) => ({ id, key: id })).slice(0, asked.size + 1)
    return parents.map(() => connectionPage(asked, rows, {}))
  }
  return {
    entities: [strictNotes, strictWords],
    resolvers: {
      Node: { __resolveType: () => 'Note' },
      Query: {
        note,
        node: note,
        word: (_: unknown, { name }: { readonly name: string }, context: RequestContext) => context.load(strictWords, name),
        page: batched(page),
      },
      Mutation: { touch: () => true },
      Page: {
        nodes: ({ ids }: { readonly ids: readonly number[] }, _: unknown, context: RequestContext) =>
          Promise.all(ids.map((id) => context.load(strictNotes, id))),
      },
      Note: { id: ({ id }: { readonly id: number }) => toGlobalId('Note', id) },
    } as Module['resolvers'],
  }
}
