import { useState } from 'react'
import { useSignedIn } from '../../api/session.tsx'
import { useCall } from '../../api/use-call.ts'
import { Card } from '../../parts/card.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useParam } from '../../router/location.tsx'
import { PurgeConfirmation } from './purge-confirmation.tsx'
import { PurgeFieldset } from './purge-fieldset.tsx'
import { orderOf, type PurgeFields, readKind } from './purge-form.ts'
import { type PurgeOrder, purgeRequest } from './purge-order.ts'
import { PurgeOutcome } from './purge-outcome.tsx'

/** View `/keys/purge`: says what to purge, shows the dry run, asks, purges, and shows how each process confirms it. */
export function PurgeView() {
  const { isOperator, claims } = useSignedIn()
  const [kind, setKind] = useParam('kind', 'tag')
  const [value, setValue] = useParam('value', '')
  const [tenant, setTenant] = useParam('tenant', '')
  // Another filter than the one that was shown must be shown first, so a change takes the dry run away.
  const [shown, setShown] = useState<PurgeOrder | undefined>(() => orderOf({ kind: readKind(kind), value, tenant }))
  const [attempt, setAttempt] = useState(0)
  const change = (next: Partial<PurgeFields>) => {
    setShown(undefined)
    if (next.kind !== undefined) {
      setKind(next.kind)
      setValue(next.kind === 'tenant' && !isOperator ? claims.tenant : '')
    }
    if (next.value !== undefined) setValue(next.value)
    if (next.tenant !== undefined) setTenant(next.tenant)
  }
  const fields = { kind: readKind(kind), value, tenant }
  return (
    <>
      <Card title="Purge" note="Nothing is purged before you have seen what it would be.">
        <PurgeFieldset
          fields={fields}
          onChange={change}
          onSubmit={() => {
            setShown(orderOf(fields))
            setAttempt(attempt + 1)
          }}
        />
      </Card>
      {shown === undefined ? null : <ShownPurge key={`${JSON.stringify(shown)} ${attempt}`} order={shown} />}
    </>
  )
}

/** One purge, from its dry run to its result. */
function ShownPurge({ order }: { readonly order: PurgeOrder }) {
  const { state, send } = useCall<'/invalidate' | '/clear-all'>()
  if (state.status === 'done') return <PurgeOutcome order={order} result={state.answer} />
  return (
    <>
      <PurgeConfirmation
        order={order}
        isRunning={state.status === 'running'}
        onConfirm={(reason) => {
          const { path, body } = purgeRequest(order, reason)
          send(path, body)
        }}
      />
      <Problem failure={state.status === 'failed' ? state.failure : undefined} />
    </>
  )
}
