import './fleet.css'
import '../purging/purging.css'
import type { Instances, Stats } from '../../../../src/operations/admin/contract.ts'
import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { OperatorOnly } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { InstancesTable } from './instances-table.tsx'
import { partiesOf } from './parties.ts'
import { PostgresCard, RedisCard } from './server-cards.tsx'
import { TenantMemory } from './tenant-memory.tsx'
import { type Verdict, verdictOf } from './verdict.ts'
import { WaitingTable } from './waiting-table.tsx'

const LIVE_MS = 5000

/** View `/fleet`: the processes, Redis and PostgreSQL, and which of them is to blame if something is slow. */
export default function FleetView() {
  const { isOperator } = useSignedIn()
  return (
    <>
      <ViewHead title="Fleet" note="Is it the database, Redis, or us?" />
      {isOperator ? <Fleet /> : <OperatorOnly why="The processes, Redis and PostgreSQL are shared by all tenants." />}
    </>
  )
}

function Fleet() {
  const instances = useApi('/instances', {}, { everyMs: LIVE_MS })
  const stats = useApi('/stats', { window: '1h' }, { everyMs: LIVE_MS })
  const failure = stats.failure ?? instances.failure
  if (!stats.data || !instances.data) return failure ? <Problem failure={failure} /> : <p className="waiting">Asking the processes …</p>
  return (
    <>
      <Problem failure={failure} />
      <VerdictBox verdict={verdictOf(stats.data, instances.data)} stats={stats.data} instances={instances.data.instances} />
      <Versions instances={instances.data.instances} />
      <WaitingTable instances={instances.data.instances} />
      <InstancesTable instances={instances.data.instances} boundMs={stats.data.lag.boundMs} at={instances.data.at} />
      <Servers stats={stats.data} />
      <TenantMemory instances={instances.data.instances} />
    </>
  )
}

interface VerdictBoxProps extends Pick<Instances, 'instances'> {
  readonly verdict: Verdict
  readonly stats: Stats
}

function VerdictBox({ verdict, stats, instances }: VerdictBoxProps) {
  const { culprit, sentence, findings } = verdict
  return (
    <section className={`verdict ${culprit === 'none' ? 'fine' : 'trouble'}`} aria-label="Is it the database, Redis, or us?">
      <p role="status">{sentence}</p>
      {findings.length === 0 ? null : (
        <ul>
          {findings.map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <div className="parties">
        {partiesOf(verdict, stats, instances).map(({ title, isFine, facts }) => (
          <div key={title}>
            <h2>
              {title} <span className={`badge tone-${isFine ? 'good' : 'bad'}`}>{isFine ? 'not to blame' : 'to blame'}</span>
            </h2>
            <dl className="evidence">
              {facts.map(({ name, text }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </section>
  )
}

function Versions({ instances }: Pick<Instances, 'instances'>) {
  const versions = [...new Set(instances.filter(({ isAlive }) => isAlive).map(({ version }) => version))]
  if (versions.length < 2) return null
  return (
    <p className="note-box">Processes of the versions {versions.join(' and ')} run side by side. This is expected during a deploy only.</p>
  )
}

function Servers({ stats: { redis, postgres, breakers } }: { readonly stats: Stats }) {
  return (
    <div className="columns even">
      <RedisCard redis={redis} breakers={breakers} />
      <PostgresCard postgres={postgres} />
    </div>
  )
}
