import { type FormEvent, useState } from 'react'
import { useSignedIn } from '../../api/session.tsx'
import { useCall } from '../../api/use-call.ts'
import { count } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { CommandLine } from '../../parts/command-line.tsx'
import { Problem } from '../../parts/problem.tsx'
import { warmLine, warmSentence } from './warm-words.ts'

const DEFAULT_HOTTEST = 100
const MAX_HOTTEST = 1000
const MAX_REASON = 200

/** Form that starts a warm-up. It shows first how many operations are recorded. @param onChange Called when a warm-up was started. */
export function StartWarmUp({ onChange }: { readonly onChange: () => void }) {
  const { isOperator, claims } = useSignedIn()
  const [hottest, setHottest] = useState(String(DEFAULT_HOTTEST))
  const [tenant, setTenant] = useState(isOperator ? '' : claims.tenant)
  const [reason, setReason] = useState('')
  const plan = useCall<'/warm'>()
  const [plannedFor, setPlannedFor] = useState('')
  const run = useCall<'/warm'>()
  const number = Number(hottest)
  const isNumber = Number.isInteger(number) && number >= 1 && number <= MAX_HOTTEST
  const body = { hottest: number, ...(tenant.trim() === '' ? {} : { tenant: tenant.trim() }) }
  // A dry run of other operations says nothing about these.
  const planned = plan.state.status === 'done' && plannedFor === JSON.stringify(body) ? plan.state.answer.planned : undefined
  const isReady = isNumber && reason.trim() !== '' && planned !== undefined && planned > 0 && run.state.status !== 'running'
  const look = () => {
    if (!isNumber) return
    setPlannedFor(JSON.stringify(body))
    plan.send('/warm', { ...body, dryRun: true })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (planned === undefined) return look()
    if (!isReady) return
    run.send('/warm', { ...body, reason: reason.trim() })
    onChange()
  }
  return (
    <Card title="Start a warm-up" note="The hottest recorded operations are executed first.">
      <form className="purge-form" onSubmit={submit}>
        <div className="row">
          <label className="field">
            Number of operations
            <input
              type="number"
              min={1}
              max={MAX_HOTTEST}
              required
              value={hottest}
              aria-invalid={!isNumber}
              onChange={(event) => setHottest(event.target.value)}
            />
          </label>
          <label className="field">
            Tenant
            <input
              className="code"
              value={tenant}
              readOnly={!isOperator}
              placeholder="all tenants"
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setTenant(event.target.value)}
            />
          </label>
        </div>
        <button type="button" disabled={!isNumber || plan.state.status === 'running'} onClick={look}>
          Show what would be warmed
        </button>
        {planned === undefined ? null : (
          <>
            <p role="status" className="outcome">
              {planned === 0
                ? 'Nothing to warm: no operation of this tenant is recorded yet. Operations are recorded while they are sent.'
                : `A warm-up would execute ${count(planned)} ${planned === 1 ? 'operation' : 'operations'}.`}
            </p>
            <label className="field wide">
              Why? The audit log keeps it.
              <input value={reason} maxLength={MAX_REASON} autoComplete="off" onChange={(event) => setReason(event.target.value)} />
            </label>
            {isReady ? (
              <div className="same-command">
                <p className="soft">The same on the command line:</p>
                <CommandLine command={warmLine({ hottest: number, tenant: body.tenant, reason: reason.trim() })} />
              </div>
            ) : null}
            <button type="submit" className="primary" disabled={!isReady}>
              {run.state.status === 'running' ? 'Warming …' : 'Warm now'}
            </button>
          </>
        )}
      </form>
      <Problem
        failure={plan.state.status === 'failed' ? plan.state.failure : run.state.status === 'failed' ? run.state.failure : undefined}
      />
      {run.state.status === 'done' ? (
        <p role="status" className="outcome tone-good">
          {warmSentence(run.state.answer)}
        </p>
      ) : null}
    </Card>
  )
}
