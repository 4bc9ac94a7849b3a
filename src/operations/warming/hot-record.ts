import type { HotKey } from '../../engine/cache/memory/hot-keys.ts'
import { canonicalJson, type Json } from '../../engine/cache/model/key.ts'
import type { Role } from '../../gateway/identity/principal.ts'
import type { HotOperation } from '../../gateway/warming/operation-recorder.ts'

/** Record of the hottest cache keys and the hottest operations of a process. */
export interface HotRecord {
  /** Time of the record by the clock of the database, Unix epoch ms. */
  readonly at: number
  /** Keys, hottest first. */
  readonly keys: readonly HotKey[]
  /** Operations, hottest first. */
  readonly operations: readonly HotOperation[]
}

/**
 * Operation in the form in which {@link writeRecord} writes it. The items of the tuple are the index of the document in `documents`, the
 * name of the operation, its variables, the tenant, the role and the user id of the caller, and the `savedMs` of {@link HotOperation}.
 */
type WrittenOperation = readonly [
  number,
  string | null,
  Readonly<Record<string, unknown>>,
  string | null,
  Role | null,
  string | null,
  number,
]

interface Written {
  readonly at: number
  readonly keys: readonly (readonly [string, number])[]
  readonly documents: readonly string[]
  readonly operations: readonly WrittenOperation[]
}

/** Maximum size of a record before compression, characters. The coldest keys and operations are left out if the record would be larger. */
const MAX_CHARACTERS = 512 * 1024
/** Share of the characters for keys; operations get the rest. */
const KEY_SHARE = 0.5
/** Estimated length of a written key or operation, without the text of the key, the document and the variables, characters. */
const OVERHEAD = 40
/** Half-life of the saved times of a record, ms. When records are merged, the saved times of a record of this age count half. */
const HALF_LIFE_MS = 3_600_000

/** Writes a record as JSON of at most 512 Ki characters. A document that several operations share is written only once. */
export function writeRecord({ at, keys, operations }: HotRecord): string {
  let left = MAX_CHARACTERS * KEY_SHARE
  const writtenKeys: [string, number][] = []
  for (const { key, savedMs } of keys) {
    left -= key.length + OVERHEAD
    if (left < 0) break
    writtenKeys.push([key, round(savedMs)])
  }
  left = MAX_CHARACTERS * (1 - KEY_SHARE)
  const documents = new Map<string, number>()
  const written: WrittenOperation[] = []
  for (const { operation, savedMs } of operations) {
    const { document, operationName = null, variables, tenant, role, userId = null } = operation
    left -= JSON.stringify(variables).length + (documents.has(document) ? 0 : document.length) + OVERHEAD
    if (left < 0) break
    const index = documents.get(document) ?? documents.size
    documents.set(document, index)
    written.push([index, operationName, variables, tenant, role, userId, round(savedMs)])
  }
  return JSON.stringify({ at, keys: writtenKeys, documents: [...documents.keys()], operations: written } satisfies Written)
}

/** Reads what {@link writeRecord} wrote. */
export function readRecord(text: string): HotRecord {
  const { at, keys, documents, operations }: Written = JSON.parse(text)
  return {
    at,
    keys: keys.map(([key, savedMs]) => ({ key, savedMs })),
    operations: operations.flatMap(([index, operationName, variables, tenant, role, userId, savedMs]) => {
      const document = documents[index]
      if (document === undefined) return []
      const named = { ...(operationName !== null && { operationName }), ...(userId !== null && { userId }) }
      return [{ operation: { document, variables, tenant, role, ...named }, savedMs }]
    }),
  }
}

/**
 * Merges the records of several processes. For each key and each operation, the saved times of all records are added up. The older a record
 * is, the less its saved times weigh.
 * @param now Unix epoch, ms.
 */
export function mergeRecords(records: readonly HotRecord[], now: number): HotRecord {
  const keys = new Map<string, number>()
  const operations = new Map<string, HotOperation>()
  for (const record of records) {
    const share = 2 ** (-Math.max(0, now - record.at) / HALF_LIFE_MS)
    for (const { key, savedMs } of record.keys) keys.set(key, (keys.get(key) ?? 0) + savedMs * share)
    for (const { operation, savedMs } of record.operations) {
      const { document, operationName = null, variables, tenant, role, userId = null } = operation
      const name = canonicalJson([document, operationName, variables as Json, tenant, role, userId])
      operations.set(name, { operation, savedMs: (operations.get(name)?.savedMs ?? 0) + savedMs * share })
    }
  }
  const hottestFirst = (a: { readonly savedMs: number }, b: { readonly savedMs: number }) => b.savedMs - a.savedMs
  return {
    at: Math.max(0, ...records.map(({ at }) => at)),
    keys: [...keys].map(([key, savedMs]) => ({ key, savedMs })).sort(hottestFirst),
    operations: [...operations.values()].sort(hottestFirst),
  }
}

function round(savedMs: number): number {
  return Math.round(savedMs * 100) / 100
}
