import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { TestDatabase } from '../servers/database.ts'

/** A text in which the numbers of callers are searched, such as a row or a log line. */
export interface Searched {
  readonly place: string
  readonly text: string
}

/** Returns the usual ways to write a number of the United States, such as `+16465553001`. */
export function formatsOf(number: string): readonly string[] {
  const national = number.slice(2)
  const [area, exchange, line] = [national.slice(0, 3), national.slice(3, 6), national.slice(6)]
  const separated = ['-', '.', ' ', '/'].map((separator) => [area, exchange, line].join(separator))
  return [national, ...separated, `(${area}) ${exchange}-${line}`, `(${area})${exchange}-${line}`, `(${area}) ${exchange} ${line}`]
}

/** Text that may be a number of the United States in any of its formats. The lookahead also finds those that overlap. */
const FORMATTED = /(?=(\d{3})\)?[-./ ]{0,2}(\d{3})[-./ ]?(\d{4}))/g

/** Returns the spellings by which a number could be recognised besides its formats: coded digits, and its SHA-256 in several codes. */
function spellingsOf(number: string): readonly string[] {
  const national = number.slice(2)
  const sha256 = createHash('sha256').update(number).digest()
  return [
    Buffer.from(national).toString('hex'),
    sha256.toString('hex'),
    sha256.toString('latin1'),
    Buffer.from(sha256.toString('hex')).toString('hex'),
    // Base64 of the middle of a text depends on what is before it. These are the three cases, without the ends that differ.
    ...[0, 1, 2].map((before) =>
      Buffer.from(`${'x'.repeat(before)}${national}`)
        .toString('base64')
        .slice(before === 0 ? 0 : 4, 12),
    ),
    ...[sha256.toString('base64').slice(0, -2), sha256.toString('base64url').slice(0, -1)],
  ]
}

/** Returns where numbers, or their unkeyed hashes, occur. */
export function placesOf(numbers: readonly string[], searched: readonly Searched[]): readonly string[] {
  const spellings = numbers.flatMap((number) => spellingsOf(number).map((spelling) => [number, spelling] as const))
  const known = new Map(numbers.map((number) => [number.slice(2), number]))
  return searched.flatMap(({ place, text }) => {
    const formatted = [...text.matchAll(FORMATTED)].map(([, area, exchange, line]) => known.get(`${area}${exchange}${line}`))
    const found = formatted.find((number) => number !== undefined) ?? spellings.find(([, spelling]) => text.includes(spelling))?.[0]
    return found === undefined ? [] : [`${place}: ${found}`]
  })
}

/** Bytes as the database writes them. */
const BYTES = /\\x([0-9a-f]+)/g

/** Returns every row of every table, as text. Bytes are in it as hexadecimal digits, and as the characters that they stand for. */
export async function readTables(database: TestDatabase): Promise<readonly Searched[]> {
  const tables = await database.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const found: Searched[] = []
  for (const { name } of tables)
    for (const { text } of await database.query(`select t::text as text from ${String(name)} as t`))
      found.push({
        place: `table ${String(name)}`,
        text:
          String(text) + [...String(text).matchAll(BYTES)].map(([, hex = '']) => ` ${Buffer.from(hex, 'hex').toString('latin1')}`).join(''),
      })
  return found
}

/** Returns every key and every value of Redis. Values of any type are read in the form in which Redis would save them. */
export async function readRedis(client: Redis): Promise<readonly Searched[]> {
  const found: Searched[] = []
  for (const key of await client.keysBuffer('*')) {
    const text = key.toString('latin1')
    const type = await client.type(key)
    const value =
      type === 'string'
        ? await client.getBuffer(key)
        : type === 'hash'
          ? Buffer.concat(Object.entries(await client.hgetallBuffer(key)).flatMap(([name, held]) => [Buffer.from(name), held]))
          : await client.dumpBuffer(key)
    found.push({ place: `Redis ${text}`, text: `${text} ${value?.toString('latin1') ?? ''}` })
  }
  return found
}
