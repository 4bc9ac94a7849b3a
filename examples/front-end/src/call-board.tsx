import { useQuery } from '@apollo/client/react'
import { useEffect, useRef, useState } from 'react'
import { BidForm } from './bid-form.tsx'
import { type Bid, type Call, LIVE_CALL_BOARD } from './documents.ts'
import { formatMoney, formatTime } from './format.ts'
import { Notice, Origin } from './notice.tsx'

interface CallBoardProps {
  readonly withAmounts: boolean
  readonly mayWrite: boolean
  readonly currency: string
}

/** The calls that can be bid on now. The query is live: a new call or bid appears as soon as it is written, and marks itself. */
export function CallBoard({ withAmounts, mayWrite, currency }: CallBoardProps) {
  const { data, previousData, error } = useQuery(LIVE_CALL_BOARD, {
    variables: { withAmounts },
    fetchPolicy: 'cache-and-network',
    // By default Apollo Client closes the stream at the first result with an error, and the results after it would be lost.
    errorPolicy: 'all',
  })
  const shown = data ?? previousData
  const calls = shown ? [...shown.ringing.nodes, ...shown.talking.nodes] : undefined
  const arrived = useArrivals(calls?.flatMap(({ id, bids }) => [id, ...bids.nodes.map((bid) => bid.id)]))
  return (
    <section aria-labelledby="calls">
      <div className="title">
        <h2 id="calls">Calls now</h2>
        <Origin operation="LiveCallBoard" />
      </div>
      <Notice operation="LiveCallBoard" error={error} />
      {calls?.length === 0 && <p className="empty">No call is open now. This list is live.</p>}
      <ul className="calls" aria-live="polite">
        {calls?.map((call) => (
          <CallCard key={call.id} call={call} arrived={arrived} withAmounts={withAmounts} mayWrite={mayWrite} currency={currency} />
        ))}
      </ul>
    </section>
  )
}

interface CallCardProps {
  readonly call: Call
  readonly arrived: ReadonlySet<string>
  readonly withAmounts: boolean
  readonly mayWrite: boolean
  readonly currency: string
}

function CallCard({ call, arrived, withAmounts, mayWrite, currency }: CallCardProps) {
  const [isBidding, setBidding] = useState(false)
  const { id, status, callerState, startedAt, campaign, bids } = call
  return (
    <li className="call" data-new={arrived.has(id)}>
      <div className="call-head">
        <span className="state">{callerState}</span>
        <span className="name">{campaign?.name ?? 'a deleted campaign'}</span>
        <span className="status" data-status={status}>
          {status === 'INCOMING' ? 'ringing' : 'talking'}
        </span>
        <time dateTime={startedAt}>{formatTime(startedAt)}</time>
      </div>
      {bids.totalCount === 0 ? (
        <p className="empty">No bids yet.</p>
      ) : (
        <ol className="bids">
          {bids.nodes.map((bid) => (
            <BidRow key={bid.id} bid={bid} isNew={arrived.has(bid.id)} />
          ))}
          {bids.totalCount > bids.nodes.length && <li className="facts">and {bids.totalCount - bids.nodes.length} more</li>}
        </ol>
      )}
      {mayWrite && !isBidding && (
        <button type="button" onClick={() => setBidding(true)} aria-label={`Bid on the call from ${callerState}`}>
          Bid
        </button>
      )}
      {isBidding && <BidForm call={call} withAmounts={withAmounts} currency={currency} onDone={() => setBidding(false)} />}
    </li>
  )
}

function BidRow({ bid, isNew }: { readonly bid: Bid; readonly isNew: boolean }) {
  return (
    <li data-new={isNew} data-status={bid.status}>
      <span className="name">{bid.buyer?.name ?? 'a deleted buyer'}</span>
      {bid.amount && <span className="amount">{formatMoney(bid.amount)}</span>}
      <span className="facts">
        {bid.status === 'ACTIVE' ? 'open' : bid.status.toLowerCase()} · <time dateTime={bid.placedAt}>{formatTime(bid.placedAt)}</time>
      </span>
    </li>
  )
}

/** Returns the ids that were not in the list when it was loaded first. @param ids undefined as long as nothing is loaded. */
function useArrivals(ids: readonly string[] | undefined): ReadonlySet<string> {
  const initial = useRef<ReadonlySet<string>>(undefined)
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set())
  const text = ids?.join()
  useEffect(() => {
    if (text === undefined) return
    const now = text.split(',')
    initial.current ??= new Set(now)
    const known = initial.current
    setArrived(new Set(now.filter((id) => !known.has(id))))
  }, [text])
  return arrived
}
