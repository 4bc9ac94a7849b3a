import { useEffect, useRef } from 'react'
import type { Copy, Explanation, KeyState, Write } from '../../../../src/operations/admin/contract.ts'
import { duration } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Moment, Sentence } from '../../parts/moment.tsx'
import { Link } from '../../router/location.tsx'
import { UNKNOWN_CAUSE } from '../invalidations/costs.ts'
import { purgePath } from '../purging/purge-form.ts'
import { TagList } from '../purging/tag-links.tsx'

/** Layers that answer a part, in the words of the other views. */
const LAYERS: Readonly<Record<string, string>> = { l1: 'memory', l2: 'Redis', origin: 'database' }
const MAX_TAGS = 6

/** Says where an answer is, how old each of its parts is, and which write changed it last. */
export function ExplanationCards({ explanation: { answer, parts, notCachedBecause, sentence } }: { readonly explanation: Explanation }) {
  const first = useRef<HTMLParagraphElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    <>
      <Card title="Because">
        <p ref={first} tabIndex={-1} role="status" className="outcome">
          <Sentence text={sentence} />
        </p>
        {notCachedBecause === null ? null : <p className="soft">The answer as a whole is not cached, because {notCachedBecause}.</p>}
      </Card>
      {answer === null ? null : <WholeAnswer answer={answer} />}
      {parts.length === 0 ? null : <Parts parts={parts} />}
    </>
  )
}

function WholeAnswer({ answer }: { readonly answer: KeyState }) {
  const { key, policy, tenant, memory, shared, loadingForMs, lastWrite } = answer
  return (
    <Card
      title="The value"
      note={
        <>
          policy <code>{policy}</code> of {tenant}
        </>
      }
      controls={<Link to={purgePath({ kind: 'key', key })}>Delete this key …</Link>}
    >
      <p>
        <code>{key}</code>
      </p>
      <div className="copies">
        <CopyFacts title="Memory of this process" copy={memory} />
        <CopyFacts title="Redis" copy={shared} />
      </div>
      {loadingForMs === null ? null : <p>It is being loaded, since {duration(loadingForMs)}.</p>}
      <p>
        Last write: <LastWrite write={lastWrite} />
      </p>
    </Card>
  )
}

function CopyFacts({ title, copy }: { readonly title: string; readonly copy: Copy | null }) {
  return (
    <section>
      <h3>{title}</h3>
      {copy === null ? (
        <p className="soft">No copy.</p>
      ) : (
        <dl className="facts">
          <div>
            <dt>State</dt>
            <dd>
              {copy.isServed ? 'served' : 'not served'} {copy.isServed ? null : <small>{copy.because}</small>}
            </dd>
          </div>
          <div>
            <dt>Age</dt>
            <dd>{duration(copy.ageMs)}</dd>
          </div>
          <div>
            <dt>TTL left</dt>
            <dd>{copy.freshMs > 0 ? duration(copy.freshMs) : 'ended'}</dd>
          </div>
          <div>
            <dt>The load took</dt>
            <dd>{duration(copy.costMs)}</dd>
          </div>
          <div className="all">
            <dt>Tags</dt>
            <dd>
              <TagList tags={copy.tags} total={copy.tags.length} limit={MAX_TAGS} />
            </dd>
          </div>
          {copy.invalidatedBy === null ? null : (
            <div className="all">
              <dt>Invalidated by</dt>
              <dd>
                <LastWrite write={copy.invalidatedBy} />
              </dd>
            </div>
          )}
        </dl>
      )}
    </section>
  )
}

function Parts({ parts }: { readonly parts: Explanation['parts'] }) {
  // Rows of one batch have the same path, so a part has no other identity than its place.
  const rows = parts.map((part, place) => ({ ...part, place }))
  return (
    <Card title="Its parts" note="oldest first">
      <DataTable
        caption="Parts of the answer"
        columns={[
          { id: 'path', title: 'Path', isHead: true, sortBy: ({ path }) => path, cell: ({ path }) => <code>{path}</code> },
          { id: 'policy', title: 'Policy', isWideOnly: true, sortBy: ({ policy }) => policy, cell: ({ policy }) => <code>{policy}</code> },
          { id: 'from', title: 'From', sortBy: ({ layer }) => layer, cell: ({ layer }) => LAYERS[layer] ?? layer },
          { id: 'age', title: 'Age', isNumeric: true, sortBy: ({ ageMs }) => ageMs, cell: ({ ageMs }) => duration(ageMs) },
          {
            id: 'ttl',
            title: 'TTL',
            isNumeric: true,
            isWideOnly: true,
            sortBy: ({ ttlMs }) => ttlMs,
            cell: ({ ttlMs }) => duration(ttlMs),
          },
          {
            id: 'write',
            title: 'Last write',
            cell: ({ lastWrite, reason }) => (
              <>
                {reason === null ? null : <small className="block">{reason}</small>}
                <LastWrite write={lastWrite} />
              </>
            ),
          },
        ]}
        rows={rows}
        keyOf={({ place }) => String(place)}
        order="-age"
        prefix="parts-"
        empty={null}
      />
    </Card>
  )
}

function LastWrite({ write }: { readonly write: Write | null }) {
  if (write === null) return <span className="soft">no write that this process remembers</span>
  const { causes, at, tag, clock } = write
  const [cause] = causes
  return (
    <>
      {cause === undefined ? UNKNOWN_CAUSE : <Link to={`/invalidations?${new URLSearchParams({ cause })}`}>{causes.join(', ')}</Link>}{' '}
      {at === null ? null : (
        <>
          at <Moment at={at} />
        </>
      )}
      {tag === null ? null : (
        <>
          , by the tag <code>{tag}</code>
        </>
      )}{' '}
      <small>(log position {clock})</small>
    </>
  )
}
