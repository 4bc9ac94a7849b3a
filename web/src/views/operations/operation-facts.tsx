import { countsByLayer, LAYERS } from '../../charts/layers.ts'
import { ShareBar } from '../../charts/share-bar.tsx'
import { bytes, count, duration, fewPoints } from '../../format/format.ts'
import { RateBar } from '../../parts/rate-bar.tsx'
import { Facts } from './facts.tsx'
import type { OperationRow } from './operation-columns.tsx'

/** Figures of an operation, and its answers by layer with their durations. */
export function OperationFacts({ row }: { readonly row: OperationRow }) {
  const { requests, answersFromCache, errors, missShare, durationMs, loadMs, hitMs, missMs, layerMs, savedMs, bytes: sent, answers } = row
  const counts = countsByLayer(answers)
  return (
    <>
      <Facts
        facts={[
          ['Requests', count(requests)],
          ['Answers from cache', <RateBar key="rate" rate={answersFromCache} />],
          [
            'Misses',
            <>
              {fewPoints(100 * missShare)} <small>points of the answers to all operations</small>
            </>,
          ],
          ['Mean duration of a hit', duration(hitMs)],
          ['Mean duration of a miss', duration(missMs)],
          ['Time in all', duration(durationMs)],
          ['DB spent', duration(loadMs)],
          ['DB saved', duration(savedMs)],
          ['Sent', bytes(sent)],
          ['Errors', count(errors)],
        ]}
      />
      <h3 className="part-title">Answers by layer, and their mean duration</h3>
      <ShareBar
        parts={LAYERS.map((series, place) => {
          const known = series.names.map((name) => layerMs[name]).find((ms) => ms !== undefined)
          return { series, count: counts[place] ?? 0, ...(known === undefined ? {} : { note: duration(known) }) }
        })}
      />
    </>
  )
}
