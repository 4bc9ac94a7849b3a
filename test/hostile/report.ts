import type { Finding, Tally, Turn } from './fuzz-run.ts'
import type { HeapFigure } from './heap.ts'
import { shortened, textOf } from './request.ts'

const SHOWN_TURNS = 25
const MIB = 2 ** 20

/** Formats the findings of a run for an operator. */
export function report(
  { requests, accepted, refusedByCode, refusedBySetting, worst, findings }: Tally,
  heap: readonly HeapFigure[],
): string {
  return [
    `${requests} requests, ${accepted} accepted, ${requests - accepted} refused`,
    '',
    ...counts('refused by code', refusedByCode),
    ...counts('refused by limit', refusedBySetting),
    'longest turns of the event loop, ms of CPU time (the first time after 5: the median)',
    ...[...worst.values()]
      .sort((a, b) => b.outcome.worstTurnMs - a.outcome.worstTurnMs)
      .slice(0, SHOWN_TURNS)
      .map(turnLine),
    '',
    ...heap.map(
      ({ request, growth, limit }) =>
        `heap of a fresh process: ${mib(growth)} of ${mib(limit)} MiB | ${request.kind} | ${shortened(textOf(request, undefined))}`,
    ),
    '',
    findings.length === 0 ? 'nothing found' : `${findings.length} found:`,
    ...findings.map(findingLine),
  ].join('\n')
}

function counts(title: string, figures: ReadonlyMap<string, number>): readonly string[] {
  const sorted = [...figures].sort((a, b) => b[1] - a[1])
  return [title, ...sorted.map(([name, figure]) => `${String(figure).padStart(8)}  ${name}`), '']
}

function turnLine({ request, outcome, isAccepted }: Turn): string {
  const figure = outcome.worstTurnMs.toFixed(1).padStart(8)
  return `${figure}  ${isAccepted ? 'accepted' : 'refused '} ${String(outcome.bytes).padStart(8)} bytes | ${request.kind} | ${request.caller} | ${shortened(textOf(request, undefined))}`
}

function findingLine({ request, reason }: Finding): string {
  return `FOUND ${request.kind} | ${request.caller} ${request.method} | ${reason}\n      ${shortened(textOf(request, undefined), 600)}`
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1)
}
