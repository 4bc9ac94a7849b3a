import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { ExplainInput } from '../../../../src/operations/admin/contract.ts'
import { useSignedIn } from '../../api/session.tsx'
import { useCall } from '../../api/use-call.ts'
import { Card } from '../../parts/card.tsx'
import { Choice } from '../../parts/choice.tsx'
import { CommandLine } from '../../parts/command-line.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useParam } from '../../router/location.tsx'
import { EMPTY_OPERATION, explainBody, explainLine, type OperationFields } from './explain-form.ts'
import { ExplanationCards } from './explanation.tsx'
import { KeyValue } from './key-value.tsx'
import { OperationFieldset } from './operation-fieldset.tsx'

const SUBJECTS = { key: 'A key', operation: 'An operation' } as const

/**
 * View `/keys/explain`: where an answer is cached, how old each part is, and which write changed it last. A key is part of the address. An
 * operation is not, because its text and variables may be data of a tenant.
 */
export function ExplainView() {
  const [subject, setSubject] = useParam('of', 'key')
  const [key, setKey] = useParam('key', '')
  const { isOperator, claims } = useSignedIn()
  const [operation, setOperation] = useState<OperationFields>({ ...EMPTY_OPERATION, tenant: isOperator ? '' : claims.tenant })
  const { state, send } = useCall<'/key/explain'>()
  const [asked, setAsked] = useState<ExplainInput>()
  const body = explainBody(subject === 'operation' ? { operation } : { key })
  const explain = (question: ExplainInput) => {
    setAsked(question)
    send('/key/explain', question)
  }
  // A link to a key leads to its explanation, not to a form.
  const isFirst = useRef(true)
  useEffect(() => {
    if (!isFirst.current) return
    isFirst.current = false
    if (typeof body === 'object' && subject === 'key') explain(body)
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typeof body === 'object') explain(body)
  }
  return (
    <>
      <Card
        title="Why is this answer this old?"
        controls={<Choice label="What to explain" options={SUBJECTS} value={subject} onChoose={setSubject} />}
      >
        <form className="purge-form" onSubmit={submit}>
          {subject === 'operation' ? (
            <OperationFieldset fields={operation} onChange={(next) => setOperation({ ...operation, ...next })} />
          ) : (
            <label className="field wide">
              Key
              <input
                className="code"
                value={key}
                placeholder='acme:Campaign:["42"]'
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => setKey(event.target.value)}
              />
            </label>
          )}
          {typeof body === 'string' ? <p className="soft">{body}</p> : null}
          <button type="submit" className="primary" disabled={typeof body === 'string' || state.status === 'running'}>
            {state.status === 'running' ? 'Explaining …' : 'Explain'}
          </button>
        </form>
        <p className="soft">
          {subject === 'operation'
            ? 'The gateway executes the operation for the caller that you describe, and shows no value of the answer.'
            : 'The list of what is cached leads to the keys of this process.'}
        </p>
      </Card>
      {state.status === 'failed' ? <Problem failure={state.failure} /> : null}
      {state.status === 'done' ? <ExplanationCards explanation={state.answer} /> : null}
      {state.status === 'done' && asked?.key !== undefined ? <KeyValue key={asked.key} of={asked.key} /> : null}
      {state.status === 'done' && asked ? (
        <Card title="The same on the command line">
          <CommandLine command={explainLine(asked)} />
        </Card>
      ) : null}
    </>
  )
}
