import { CAUSES } from '../../charts/layers.ts'
import { ShareBar } from '../../charts/share-bar.tsx'
import { bytes, count, duration, fewPoints, percent, perSecond, shareOf } from '../../format/format.ts'
import { RateBar } from '../../parts/rate-bar.tsx'
import { Facts } from './facts.tsx'
import type { FieldRow } from './operation-columns.tsx'

/** Figures of a field, and the causes of its misses. */
export function FieldFacts({ row }: { readonly row: FieldRow }) {
  const {
    reads,
    hitRate,
    reachableHitRate,
    gain,
    changeRate,
    loads,
    failedLoads,
    loadMs,
    savedMs,
    reloads,
    needlessReloads,
    reuseShare,
    meanBytes,
    misses,
  } = row
  const all = Object.values(misses).reduce((sum, one) => sum + one, 0)
  return (
    <>
      <Facts
        facts={[
          ['Reads', count(reads)],
          ['Field hit rate of reachable', <RateBar key="rate" rate={hitRate} reachable={reachableHitRate} />],
          [
            'Left to reach',
            <>
              {fewPoints(100 * gain)} <small>points of the reads of all fields, if it reached its reachable rate</small>
            </>,
          ],
          ['Invalidated reads', `${perSecond(changeRate)}/min`],
          ['Loads', count(loads)],
          ['Failed loads', count(failedLoads)],
          ['Mean load', loads === 0 ? '–' : duration(loadMs / loads)],
          ['DB spent', duration(loadMs)],
          ['DB saved', duration(savedMs)],
          ['Needless reloads', reloads === 0 ? '–' : `${count(needlessReloads)} (${shareOf(needlessReloads, reloads)})`],
          ['Stored copies that were read', percent(reuseShare)],
          ['Mean size of a copy', meanBytes === null ? '–' : bytes(meanBytes)],
        ]}
      />
      {all === 0 ? null : (
        <>
          <h3 className="part-title">Why its misses happened</h3>
          <ShareBar parts={CAUSES.map((series) => ({ series, count: misses[series.id as keyof typeof misses] }))} />
        </>
      )}
    </>
  )
}
