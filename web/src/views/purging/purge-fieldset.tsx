import { type FormEvent, useId } from 'react'
import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { orderOf, PURGE_KINDS, type PurgeFields } from './purge-form.ts'
import type { PurgeKind } from './purge-order.ts'

interface PurgeFieldsetProps {
  readonly fields: PurgeFields
  readonly onChange: (next: Partial<PurgeFields>) => void
  readonly onSubmit: () => void
}

const LABELS: Readonly<Record<Exclude<PurgeKind, 'all'>, readonly [label: string, example: string]>> = {
  tag: ['Tag', 'acme:Campaign:42'],
  pattern: ['Pattern of types', 'Camp*'],
  table: ['Table', 'campaigns'],
  key: ['Key', 'acme:Campaign:["42"]'],
  tenant: ['Name of the tenant', 'acme'],
}

const MAX_OFFERS = 20

/** Form that says what to purge. Its button shows the dry run. */
export function PurgeFieldset({ fields, onChange, onSubmit }: PurgeFieldsetProps) {
  const { isOperator, claims } = useSignedIn()
  const { kind, value, tenant } = fields
  const group = useId()
  const kinds = (Object.entries(PURGE_KINDS) as [PurgeKind, string][]).filter(([one]) => one !== 'all' || isOperator)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (orderOf(fields)) onSubmit()
  }
  return (
    <form className="purge-form" onSubmit={submit}>
      <fieldset className="kinds">
        <legend>What should be purged?</legend>
        {kinds.map(([one, text]) => (
          <label key={one}>
            <input type="radio" name={group} value={one} checked={one === kind} onChange={() => onChange({ kind: one })} /> {text}
          </label>
        ))}
      </fieldset>
      {kind === 'all' ? (
        <p>This empties the cache of every tenant on every process. Until it is warm again, each read goes to the database.</p>
      ) : (
        <ValueField kind={kind} value={value} isFixed={kind === 'tenant' && !isOperator} onChange={(next) => onChange({ value: next })} />
      )}
      {kind === 'pattern' || kind === 'table' ? (
        <label className="field">
          Tenant
          <input
            value={isOperator ? tenant : claims.tenant}
            readOnly={!isOperator}
            placeholder="all tenants"
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onChange({ tenant: event.target.value })}
          />
        </label>
      ) : null}
      <button type="submit" disabled={orderOf(fields) === undefined}>
        Show what would be purged
      </button>
    </form>
  )
}

interface ValueFieldProps {
  readonly kind: Exclude<PurgeKind, 'all'>
  readonly value: string
  readonly isFixed: boolean
  readonly onChange: (value: string) => void
}

function ValueField({ kind, value, isFixed, onChange }: ValueFieldProps) {
  const list = useId()
  const [label, example] = LABELS[kind]
  const offers = useOffers(kind, value)
  return (
    <label className="field wide">
      {label}
      <input
        className="code"
        value={value}
        readOnly={isFixed}
        list={list}
        placeholder={example}
        spellCheck={false}
        autoComplete="off"
        required
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {offers.map((offer) => (
          <option key={offer} value={offer} />
        ))}
      </datalist>
    </label>
  )
}

/** Returns texts that the gateway knows and that begin as the value does. */
function useOffers(kind: PurgeKind, value: string): readonly string[] {
  const tags = useApi(kind === 'tag' ? '/tags' : null, { prefix: value, limit: MAX_OFFERS })
  const namespaces = useApi(kind === 'pattern' || kind === 'table' ? '/namespaces' : null, {})
  if (kind === 'tag') return tags.data?.tags.map(({ tag }) => tag) ?? []
  const known = namespaces.data?.namespaces ?? []
  return [...new Set(known.map(({ type, table }) => (kind === 'table' ? table : type)))]
}
