import './tags.css'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { PurgeResult } from '../../../../src/operations/admin/contract.ts'
import { useCall } from '../../api/use-call.ts'
import { count } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { CommandLine } from '../../parts/command-line.tsx'
import { Problem } from '../../parts/problem.tsx'
import { type PurgeOrder, purgeLine, purgeRequest, purgeSubject, wordToType } from './purge-order.ts'

interface PurgeConfirmationProps {
  readonly order: PurgeOrder
  readonly isRunning: boolean
  readonly onConfirm: (reason: string) => void
}

const MAX_REASON = 200
const SHOWN_TAGS = 12

/** Shows the dry run of a purge, asks why, and, for a whole tenant or everything, has its name typed. */
export function PurgeConfirmation({ order, isRunning, onConfirm }: PurgeConfirmationProps) {
  const { state, send } = useCall<'/invalidate' | '/clear-all'>()
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    const { path, body } = purgeRequest(order, undefined)
    send(path, body)
  }, [order, send])
  if (state.status === 'failed') return <Problem failure={state.failure} />
  if (state.status !== 'done') return <p className="waiting">Looking at what would be purged …</p>
  return <Question order={order} dryRun={state.answer} isRunning={isRunning} onConfirm={onConfirm} />
}

function Question({ order, dryRun, isRunning, onConfirm }: PurgeConfirmationProps & { readonly dryRun: PurgeResult }) {
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const result = useRef<HTMLParagraphElement>(null)
  useEffect(() => result.current?.focus(), [])
  const word = wordToType(order)
  const isTyped = word === undefined || typed === word
  const isReady = isTyped && reason.trim() !== '' && !isRunning
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReady) onConfirm(reason.trim())
  }
  return (
    <Card title="This would be purged" note="Nothing has been purged yet.">
      <p ref={result} tabIndex={-1} className="dry-run">
        A purge of {purgeSubject(order)} voids <strong>{entries(dryRun.matched.count)}</strong> in the memory of the process that answers,
        and the copies of Redis and of all other processes.
      </p>
      <Examples dryRun={dryRun} />
      <form className="purge-form" onSubmit={submit}>
        <label className="field wide">
          Why? The audit log and the invalidation log keep it.
          <input value={reason} maxLength={MAX_REASON} required autoComplete="off" onChange={(event) => setReason(event.target.value)} />
        </label>
        {word === undefined ? null : (
          <label className="field">
            <span>
              Type <code>{word}</code> to confirm.
            </span>
            <input
              className="code"
              value={typed}
              required
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
        )}
        {isReady ? (
          <div className="same-command">
            <p className="soft">The same on the command line, without a question:</p>
            <CommandLine command={purgeLine(order, reason.trim())} />
          </div>
        ) : null}
        <button type="submit" className="danger" disabled={!isReady}>
          {isRunning ? 'Purging …' : 'Purge now'}
        </button>
      </form>
    </Card>
  )
}

function Examples({ dryRun: { tags, tagCount, matched } }: { readonly dryRun: PurgeResult }) {
  const more = tagCount - Math.min(SHOWN_TAGS, tags.length)
  return (
    <>
      <p className="tags">
        {tagCount === 1 ? 'Tag: ' : `${count(tagCount)} tags: `}
        {tags.slice(0, SHOWN_TAGS).map((tag) => (
          <code key={tag} className="tag">
            {tag}
          </code>
        ))}
        {more > 0 ? ` and ${count(more)} more` : null}
      </p>
      {matched.examples.length === 0 ? (
        <p className="soft">The memory of this process has no entry of it. Redis and other processes may have some.</p>
      ) : (
        <details>
          <summary>
            {matched.examples.length === matched.count ? 'The entries' : `${count(matched.examples.length)} of these entries`}
          </summary>
          <ul className="codes">
            {matched.examples.map(({ key }) => (
              <li key={key}>
                <code>{key}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

function entries(number: number): string {
  return `${count(number)} ${number === 1 ? 'entry' : 'entries'}`
}
