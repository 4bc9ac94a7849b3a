import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { table } from '../cache/table.ts'
import type { Case, Contestant } from './cases.ts'
import type { Place } from './database.ts'
import { launchContestant, type Terms } from './pairing.ts'

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame; readonly children?: readonly number[] }[]
  /** Time of the start on the monotonic clock, us. */
  readonly startTime: number
  readonly samples: readonly number[]
  /** Times between each sample and the sample before it, us. */
  readonly timeDeltas: readonly number[]
}

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

const FUNCTIONS_SHOWN = 30

/**
 * Returns a Markdown text that shows where a server spends its CPU time in a case. The text lists the shares of the packages, and of the
 * functions that take the most time.
 */
export async function profileCase(
  kase: Case,
  contestant: Contestant,
  place: Place,
  { seconds, folder, expected }: Pick<Terms, 'seconds' | 'folder' | 'expected'>,
): Promise<string> {
  if (kase.temperature === 'new') await place.addNewRows()
  const profiles = join(folder, 'profiles')
  await mkdir(profiles)
  const nodeArgs = ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', profiles]
  const profiled = { ...contestant, launch: (at: Place) => ({ ...contestant.launch(at), nodeArgs }) }
  const runner = await launchContestant(kase, profiled, place, { folder, expected })
  let from: number
  let to: number
  try {
    await runner.takeTurn(seconds)
    from = monotonicUs()
    await runner.takeTurn(seconds)
    to = monotonicUs()
  } finally {
    await runner.stop()
  }
  const [name = ''] = await readdir(profiles)
  return profileText(JSON.parse(await readFile(join(profiles, name), 'utf8')), from, to)
}

function profileText({ nodes, startTime, samples, timeDeltas }: CpuProfile, from: number, to: number): string {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const groups = groupsOf(nodes)
  const byGroup = new Map<string, number>()
  const byFunction = new Map<string, number>()
  const add = (times: Map<string, number>, key: string, us: number) => times.set(key, (times.get(key) ?? 0) + us)
  let at = startTime
  let all = 0
  for (const [index, id] of samples.entries()) {
    const us = timeDeltas[index] ?? 0
    at += us
    const frame = frames.get(id)
    if (!frame || at < from || at > to || frame.functionName === '(idle)') continue
    all += us
    add(byGroup, groups.get(id) ?? 'unknown', us)
    add(byFunction, `${frame.functionName || '(anonymous)'} | ${placeOf(frame)}`, us)
  }
  const rows = (times: Map<string, number>, column: string, most: number) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, us]) => ({ [column]: name, '%': ((us / all) * 100).toFixed(1) }))
  return `${table(rows(byGroup, 'group', Number.POSITIVE_INFINITY))}\n${table(rows(byFunction, 'function | where', FUNCTIONS_SHOWN)).replace('| --- |', '| --- | --- |')}`
}

/**
 * Returns the group of each node: the folder of the source file, or the package. A function that is built in or belongs to Node counts to the
 * function of a folder or package that called it, if there is one.
 */
function groupsOf(nodes: CpuProfile['nodes']): ReadonlyMap<number, string> {
  const groups = new Map<number, string>()
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  for (const { id, callFrame } of nodes) groups.set(id, groupOf(callFrame) ?? groups.get(callers.get(id) ?? 0) ?? 'node itself')
  return groups
}

function groupOf({ url, functionName }: CallFrame): string | undefined {
  const [, ours] = /^file:.*\/(src\/[^/]+(?:\/[^/]+)?)\/.*\.ts$/.exec(url) ?? []
  if (ours !== undefined) return ours
  const [, named] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  if (named !== undefined) return named
  return /^\((?:garbage|program)/.test(functionName) ? functionName : undefined
}

function placeOf({ url, lineNumber }: CallFrame): string {
  const short = url.replace(/^file:.*\/(?=(?:src|node_modules)\/)/, '')
  return short === '' ? '' : `${short}:${lineNumber + 1}`
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
