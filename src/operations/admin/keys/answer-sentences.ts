import type { TracedRead } from '../../../gateway/graphql/answers/trace.ts'
import type { KeyState } from '../contract.ts'
import { pathText, subjectOf } from './part-names.ts'
import { seconds, writeText } from './part-sentences.ts'

const CACHED: readonly string[] = ['l1', 'l2', 'stale']
const MAX_NAMES = 5

/** Says how old the oldest part of an answer is, when it was loaded, and whether a write touched it since. @param now Unix epoch ms. */
export function oldestSentence(reads: readonly TracedRead[], now: number): string {
  const oldest = reads.reduce<TracedRead | undefined>((older, read) => (older && older.ageMs >= read.ageMs ? older : read), undefined)
  if (!oldest) return 'No part of the answer is read through the cache, so each request reads it anew.'
  const { path, policy, tags, ageMs, layer } = oldest
  if (!CACHED.includes(layer)) return 'Nothing of the answer is old: explaining has just loaded all of its parts.'
  const subject = subjectOf(policy, tags)
  const name = `${pathText(path)}${subject === null ? '' : ` (${subject})`}`
  const since = layer === 'stale' ? 'it is served although it is outdated' : 'no write has touched it since'
  return `The oldest part is ${seconds(ageMs)} old: ${name}, loaded at ${new Date(now - ageMs).toISOString()}; ${since}.`
}

/** Says that explaining executed the operation, and which parts it loaded. */
export function executionSentence(reads: readonly TracedRead[]): string {
  const loaded = reads.filter(({ layer }) => !CACHED.includes(layer))
  const ran = 'Explaining executes the operation itself, part by part'
  if (loaded.length === 0) return `${ran}: all ${reads.length} parts came from the cache, and nothing was loaded.`
  const names = [...new Set(loaded.map(({ path }) => pathText(path)))]
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ''
  const listed = `${names.slice(0, MAX_NAMES).join(', ')}${more}`
  return `${ran}: ${reads.length - loaded.length} of ${reads.length} parts came from the cache, and it loaded ${loaded.length} from the database (${listed}), so these are new.`
}

/**
 * Says whether the answer as a whole is cached, and if not, why.
 * @param because Reason for which such an answer is never cached; null if it may be.
 */
export function wholeSentence(answer: KeyState | null, because: string | null): string {
  if (because !== null) return `The answer as a whole is never cached, because ${because}.`
  if (answer === null) return 'The answer as a whole is not cached.'
  const copies = [answer.memory, answer.shared].filter((copy) => copy !== null)
  const served = copies.find(({ isServed }) => isServed)
  if (served) return `The answer as a whole is cached, too: it was composed ${seconds(served.ageMs)} ago.`
  const [copy] = copies
  if (copy?.invalidatedBy) return `The answer as a whole is not cached any more: its copy was dropped by ${writeText(copy.invalidatedBy)}.`
  if (copy) return `The answer as a whole is not served from the cache: ${copy.because}.`
  const { lastWrite } = answer
  const known = lastWrite ? `since ${writeText(lastWrite)} dropped what was cached` : 'since this process remembers writes'
  return `The answer as a whole is not cached: no request has stored it ${known}, or its copy was dropped to make room. Explaining does not store it.`
}
