import { useApi } from '../api/use-api.ts'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { tilesOf } from './strip-tiles.ts'

const LIVE_MS = 5000
const PLACES = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

/** Live figures at the top of every view. */
export function Strip() {
  const { data, failure, at } = useApi('/stats', { window: '1h' }, { everyMs: LIVE_MS })
  const tiles = data ? tilesOf(data) : undefined
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
            ? tiles.map(({ title, value, unit, note, tone }) => (
                <div key={title} className={`tile tone-${tone}`}>
                  <dt>{title}</dt>
                  <dd>
                    <span className="value">
                      {value}
                      {unit === '' ? null : <small> {unit}</small>}
                    </span>
                    <small className="note">{note}</small>
                  </dd>
                </div>
              ))
            : PLACES.map((place) => <div key={place} className="tile" />)}
        </dl>
      )}
    </section>
  )
}
