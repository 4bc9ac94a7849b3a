import { useApi } from '../api/use-api.ts'
import { windowText } from '../format/format.ts'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { useTimeRange } from '../parts/time-range.tsx'
import { useTenant } from '../views/filters/tenant-filter.tsx'
import { tilesOf } from './strip-tiles.ts'

const LIVE_MS = 5000
const PLACES = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']

/** Live figures at the top of every view, and the rates of the time range and the tenant that the view shows. */
export function Strip() {
  const { window, until, everyMs } = useTimeRange()
  const tenant = useTenant()
  // The rates of now are those of the same readers as the rates of the time range. Otherwise a tenant would seem to have more requests than all.
  const { data, failure, at } = useApi('/stats', { window: '1h', tenant }, { everyMs: LIVE_MS })
  const ranged = useApi('/stats', { window, until, tenant }, everyMs === undefined ? {} : { everyMs })
  const tiles = data && ranged.data ? tilesOf({ now: data, inRange: ranged.data, range: windowText(window) }) : undefined
  return (
    <section aria-label="Live figures">
      {failure && data && at !== undefined ? (
        <div className="problem" role="alert">
          <strong>{failure.code}</strong> These figures are those of <Moment at={at} />. {failure.message}
        </div>
      ) : (
        <Problem failure={failure} />
      )}
      {failure && !data ? null : (
        <dl className="strip" data-waiting={!tiles}>
          {tiles
            ? tiles.map(({ title, value, unit, note, now, tone }) => (
                <div key={title} className={`tile tone-${tone}`}>
                  <dt>{title}</dt>
                  <dd>
                    <span className="value">
                      {value}
                      {unit === '' ? null : <small> {unit}</small>}
                    </span>
                    <small className="note">{note}</small>
                    {now === undefined ? null : <small className="note now">{now}</small>}
                  </dd>
                </div>
              ))
            : PLACES.map((place) => <div key={place} className="tile" />)}
        </dl>
      )}
    </section>
  )
}
