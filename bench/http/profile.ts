import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { table } from '../cache/table.ts'
import type { Case, Contestant } from './cases.ts'
import type { Place } from './database.ts'
import { launchContestant, type Terms } from './pairing.ts'

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
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
    add(byGroup, groupOf(frame), us)
    add(byFunction, `${frame.functionName || '(anonymous)'} | ${placeOf(frame)}`, us)
  }
  const rows = (times: Map<string, number>, column: string, most: number) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, us]) => ({ [column]: name, '%': ((us / all) * 100).toFixed(1) }))
  return `${table(rows(byGroup, 'group', Number.POSITIVE_INFINITY))}\n${table(rows(byFunction, 'function | where', FUNCTIONS_SHOWN)).replace('| --- |', '| --- | --- |')}`
}

function groupOf({ url, functionName }: CallFrame): string {
  const [, ours] = /^file:.*\/(src\/[^/]+)\/[^/]+\.ts$/.exec(url) ?? []
  if (ours !== undefined) return ours
  const [, named] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  if (named !== undefined) return named
  if (url.startsWith('node:')) return 'node'
  return functionName.startsWith('(') ? functionName : 'built in'
}

function placeOf({ url, lineNumber }: CallFrame): string {
  const short = url.replace(/^file:.*\/(?=(?:src|node_modules)\/)/, '')
  return short === '' ? '' : `${short}:${lineNumber + 1}`
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
