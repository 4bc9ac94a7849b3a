import { useEffect, useRef } from 'react'
import type { Copy, Explanation, KeyState, Write } from '../../../../src/operations/admin/contract.ts'
import { count, duration } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Moment, Sentence } from '../../parts/moment.tsx'
import { Link } from '../../router/location.tsx'
import { UNKNOWN_CAUSE } from '../invalidations/costs.ts'
import { tagWords } from '../invalidations/tag-words.ts'
import { purgePath } from '../purging/purge-form.ts'
import { TagList } from '../purging/tag-links.tsx'
import { KeyWords, Legend } from './legend.tsx'

/** Layers that answer a part, in the words of the other views. */
const LAYERS: Readonly<Record<string, string>> = {
  l1: 'memory',
  l2: 'Redis',
  coalesced: 'shared load',
  stale: 'stale copy',
  origin: 'database',
  uncached: 'database, never cached',
}
const MAX_TAGS = 6

/** Says where an answer is, how old each of its parts is, and which write changed it last. */
export function ExplanationCards({ explanation }: { readonly explanation: Explanation }) {
  const { answer, parts, partCount, sentence, wholeAnswer, execution } = explanation
  const first = useRef<HTMLParagraphElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    <>
      <Card title="Because">
        <p ref={first} tabIndex={-1} role="status" className="outcome">
          <Sentence text={sentence} />
        </p>
        {[wholeAnswer, execution].map((text) =>
          text === null ? null : (
            <p key={text} className="soft">
              <Sentence text={text} />
            </p>
          ),
        )}
      </Card>
      {parts.length === 0 ? null : <Parts parts={parts} total={partCount} />}
      {answer === null ? null : <WholeAnswer answer={answer} />}
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
      <KeyWords of={key} />
      <Legend />
      <div className="copies">
        <CopyFacts title="Memory of this process" copy={memory} />
        <CopyFacts title="Redis" copy={shared} />
      </div>
      {loadingForMs === null ? null : <p>It is being loaded, since {duration(loadingForMs)}.</p>}
      <p>
        The last write that touched its tags: <LastWrite write={lastWrite} />
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

function Parts({ parts, total }: { readonly parts: Explanation['parts']; readonly total: number }) {
  // Rows of one batch have the same path, so a part has no other identity than its place.
  const rows = parts.map((part, place) => ({ ...part, place }))
  const note = total > parts.length ? `oldest first, ${count(parts.length)} of ${count(total)} parts` : `oldest first, all ${count(total)}`
  return (
    <Card title="Its parts" note={note}>
      <div className="parts">
        <DataTable
          caption="Parts of the answer"
          columns={[
            {
              id: 'path',
              title: 'Part',
              isHead: true,
              sortBy: ({ path, subject }) => `${path} ${subject}`,
              cell: ({ path, subject, policy }) => (
                <>
                  <code>{path}</code>
                  <small className="block">
                    {subject ?? (
                      <>
                        policy <code>{policy}</code>
                      </>
                    )}
                  </small>
                </>
              ),
            },
            { id: 'from', title: 'From', sortBy: ({ layer }) => layer, cell: ({ layer }) => LAYERS[layer] ?? layer },
            { id: 'age', title: 'Age', isNumeric: true, sortBy: ({ ageMs }) => ageMs, cell: ({ ageMs }) => duration(ageMs) },
            {
              id: 'ttl',
              title: 'TTL left',
              isNumeric: true,
              isWideOnly: true,
              sortBy: ({ ttlMs }) => ttlMs,
              cell: ({ ttlMs }) => (ttlMs > 0 ? duration(ttlMs) : 'none'),
            },
            { id: 'because', title: 'Because', cell: ({ because }) => <Sentence text={because} /> },
            { id: 'write', title: 'Last write', cell: ({ lastWrite }) => <LastWrite write={lastWrite} /> },
          ]}
          rows={rows}
          keyOf={({ place }) => String(place)}
          order="-age"
          prefix="parts-"
          empty={null}
        />
      </div>
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
          , by the tag <code title={tagWords(tag)}>{tag}</code>
        </>
      )}{' '}
      <small>(log position {clock})</small>
    </>
  )
}
