import { useApolloClient, useMutation, useQuery } from '@apollo/client/react'
import { type FormEvent, useId, useState } from 'react'
import { BUYERS, CALL_BOARD, type Call, PLACE_BID } from './documents.ts'
import { minorUnits } from './format.ts'

interface BidFormProps {
  readonly call: Call
  /** Whether the board shows what buyers pay. */
  readonly withAmounts: boolean
  /** Currency of the tenant, in which all bids are. */
  readonly currency: string
  readonly onDone: () => void
}

/**
 * Places a bid. The form closes when the board, read once with the token of this write, shows the bid. The live query alone would show it a
 * moment later, because its stream was opened before the write.
 */
export function BidForm({ call, withAmounts, currency, onDone }: BidFormProps) {
  const id = useId()
  const [refusal, setRefusal] = useState<string>()
  const { data, error } = useQuery(BUYERS, { variables: { state: call.callerState }, fetchPolicy: 'cache-and-network' })
  const client = useApolloClient()
  const [placeBid, { loading }] = useMutation(PLACE_BID)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const amount = minorUnits(String(form.get('amount') ?? ''), currency)
    if (amount === undefined) return setRefusal('Expected an amount above 0, such as 12.50.')
    try {
      const answer = await placeBid({ variables: { callId: call.id, buyerId: String(form.get('buyer')), amount, currency } })
      const [problem] = answer.data?.placeBid.errors ?? []
      if (problem) return setRefusal(problem.message)
      // The bid is placed. The live query will show it.
      await client.query({ query: CALL_BOARD, variables: { withAmounts }, fetchPolicy: 'network-only' }).catch(() => undefined)
      onDone()
    } catch (failure) {
      setRefusal(failure instanceof Error ? failure.message : String(failure))
    }
  }
  if (error) return <p role="alert">{error.message}</p>
  if (!data) return <p className="empty">Loading buyers…</p>
  if (data.buyers.nodes.length === 0) return <p className="empty">No active buyer takes calls from {call.callerState}.</p>
  return (
    <form className="bid-form" aria-label={`Bid on the call from ${call.callerState}`} onSubmit={submit}>
      <div className="line">
        <label htmlFor={`${id}-buyer`}>Buyer</label>
        <select id={`${id}-buyer`} name="buyer">
          {data.buyers.nodes.map((buyer) => (
            <option key={buyer.id} value={buyer.id}>
              {buyer.name}
            </option>
          ))}
        </select>
      </div>
      <div className="line">
        <label htmlFor={`${id}-amount`}>Amount in {currency}</label>
        <input id={`${id}-amount`} name="amount" inputMode="decimal" autoComplete="off" required />
      </div>
      <button type="submit" disabled={loading}>
        Place bid
      </button>
      <button type="button" onClick={onDone}>
        Cancel
      </button>
      {refusal && <p role="alert">{refusal}</p>}
    </form>
  )
}
