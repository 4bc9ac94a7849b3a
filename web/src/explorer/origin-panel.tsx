import { useSyncExternalStore } from 'react'
import { duration } from '../format/format.ts'
import { linkedPage } from '../router/linked-page.ts'
import {
  type AnswerReport,
  groupReads,
  layerWord,
  type ReadGroup,
  type ReadReport,
  summaryOf,
  type TimedStep,
  verdictOf,
  wholeAnswerOf,
} from './cache-report.ts'
import type { NewestAnswer } from './newest-answer.ts'

/** Panel that shows where each value of the newest answer came from. */
export function OriginPanel({ newest }: { readonly newest: NewestAnswer }) {
  const report = useSyncExternalStore(newest.subscribe, newest.get)
  const dashboard = linkedPage('tidegate-dashboard')
  return (
    <section className="origins" aria-label="Where values came from">
      {dashboard === undefined ? null : (
        <a className="to-dashboard" href={dashboard}>
          Dashboard of the cache
        </a>
      )}
      <h2>Where values came from</h2>
      {report ? (
        <Report report={report} />
      ) : (
        <p>Run a query. Then this panel shows for each value whether it came from the cache, and why.</p>
      )}
    </section>
  )
}

function Report({ report }: { readonly report: AnswerReport }) {
  const { cache, steps, status, durationMs, verdict, liveResults } = report
  const groups = groupReads(cache?.fields ?? [])
  return (
    <>
      <p className="summary" role="status" data-verdict={verdict}>
        {summaryOf(report)}
      </p>
      <dl className="facts">
        <dt>{liveResults === undefined ? 'Answer' : 'First result'}</dt>
        <dd>
          {liveResults === undefined ? `${verdict ?? 'no X-Cache'}, status ${status}, ` : ''}
          {duration(durationMs)} seen from this page
        </dd>
        {cache?.response && (
          <>
            <dt>Invalidation log</dt>
            <dd>
              read up to position {cache.response.clock}
              {cache.response.lagMs === null ? '' : `, ${duration(cache.response.lagMs)} ago`}
            </dd>
          </>
        )}
      </dl>
      {steps.length > 0 && <Steps steps={steps} />}
      {cache?.response && <p className="quiet">{wholeAnswerOf(cache.response)}</p>}
      <ol className="groups">
        {groups.map((group) => (
          <Group key={`${group.path} ${group.policy}`} group={group} />
        ))}
      </ol>
      {groups.length > 0 && <p className="quiet">A field that is not listed is a part of the value above it.</p>}
    </>
  )
}

/** Durations of the header Server-Timing, as bars of the same scale. */
function Steps({ steps }: { readonly steps: readonly TimedStep[] }) {
  const longest = Math.max(...steps.map((step) => step.ms), Number.EPSILON)
  return (
    <table className="steps">
      <caption>Time in the gateway</caption>
      <tbody>
        {steps.map(({ name, ms, description }) => (
          <tr key={name} title={description}>
            <th scope="row">{name}</th>
            <td>
              <meter min={0} max={longest} value={ms} aria-label={`${name}: ${description}`} />
            </td>
            <td className="number">{duration(ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Group({ group }: { readonly group: ReadGroup }) {
  const { path, policy, scope, layers, oldestMs, leastTtlMs, reads } = group
  return (
    <li>
      <details>
        <summary>
          <code>{path}</code>
          <span className="badges">
            {layers.map(({ layer, count }) => (
              <span key={layer} className="badge" data-layer={layer}>
                {layerWord(layer)}
                {reads.length > 1 ? ` ${count}` : ''}
              </span>
            ))}
          </span>
          <span className="quiet">
            {duration(oldestMs)} old, {leastTtlMs > 0 ? `${duration(leastTtlMs)} left` : 'not kept'}
          </span>
        </summary>
        <p>
          Policy <code>{policy}</code>, for {scope.toLowerCase()}
        </p>
        <ol className="reads">
          {reads.map((read) => (
            <Read key={[...read.path, ...read.tags].join()} read={read} />
          ))}
        </ol>
      </details>
    </li>
  )
}

function Read({ read }: { readonly read: ReadReport }) {
  const { path, layer, ageMs, ttlMs, tags, stamp, reason, cause, voidedBy } = read
  return (
    <li>
      <code>{path.join('.')}</code>: {verdictOf(layer)}, {layerWord(layer)}, {duration(ageMs)} old
      {ttlMs > 0 && `, ${duration(ttlMs)} left`}
      {stamp !== undefined && `, valid at log position ${stamp}`}
      {cause && `. Missed because: ${cause}`}
      {voidedBy && `, by the tag ${voidedBy.tag} at log position ${voidedBy.seq}`}
      {reason && `. ${reason}`}
      {tags.length > 0 && (
        <ul className="tags" aria-label="Tags">
          {tags.map((tag) => (
            <li key={tag}>
              <code>{tag}</code>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
