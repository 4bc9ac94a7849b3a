import { useSignedIn } from '../../api/session.tsx'
import type { OperationFields } from './explain-form.ts'

const ROLES = ['VIEWER', 'EDITOR', 'ADMIN'] as const

interface OperationFieldsetProps {
  readonly fields: OperationFields
  readonly onChange: (next: Partial<OperationFields>) => void
}

/** Fields for a GraphQL operation, and for the caller for whom it is executed. */
export function OperationFieldset({ fields, onChange }: OperationFieldsetProps) {
  const { isOperator } = useSignedIn()
  const code = { spellCheck: false, autoComplete: 'off', className: 'code' } as const
  return (
    <>
      <label className="field wide">
        GraphQL operation
        <textarea
          {...code}
          rows={5}
          value={fields.query}
          placeholder="{ campaigns(first: 3) { nodes { name } } }"
          onChange={(event) => onChange({ query: event.target.value })}
        />
      </label>
      <label className="field wide">
        Variables, as JSON
        <textarea
          {...code}
          rows={2}
          value={fields.variables}
          placeholder="{}"
          onChange={(event) => onChange({ variables: event.target.value })}
        />
      </label>
      <div className="row">
        <label className="field">
          Operation name
          <input
            {...code}
            value={fields.operationName}
            placeholder="if it has several"
            onChange={(event) => onChange({ operationName: event.target.value })}
          />
        </label>
        <label className="field">
          Tenant
          <input
            {...code}
            value={fields.tenant}
            readOnly={!isOperator}
            placeholder="anonymous caller"
            onChange={(event) => onChange({ tenant: event.target.value })}
          />
        </label>
        <label className="field">
          Role
          <select
            value={fields.role}
            onChange={(event) => onChange({ role: ROLES.find((role) => role === event.target.value) ?? 'VIEWER' })}
          >
            {ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
        </label>
        <label className="field">
          User
          <input {...code} value={fields.userId} placeholder="any" onChange={(event) => onChange({ userId: event.target.value })} />
        </label>
      </div>
    </>
  )
}
