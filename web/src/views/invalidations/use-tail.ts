import { useEffect, useRef, useState } from 'react'
import type { Invalidations } from '../../../../src/operations/admin/contract.ts'
import { ApiFailure, addressOf, callApi } from '../../api/client.ts'
import { useReadAddress } from '../../api/read-log.tsx'
import { useSession, useSignedIn } from '../../api/session.tsx'
import { EMPTY_TAIL, type Tail, withAnswer } from './follow.ts'

export interface TailFilter {
  readonly tag: string | undefined
  readonly cause: string | undefined
  readonly tenant: string | undefined
}

export interface ShownTail {
  readonly tail: Tail
  readonly failure: ApiFailure | undefined
  readonly isLoading: boolean
}

/** Rows of one answer. */
const LIMIT = 100
const EVERY_MS = 2000
/** Pause after a failure, ms. */
const RETRY_MS = 5000

/**
 * Follows the invalidation log by its position while the component is shown. @param isFollowing False keeps the shown rows as they are. The
 * page does not read while its tab is hidden, and catches up afterwards.
 */
export function useTail({ tag, cause, tenant }: TailFilter, isFollowing: boolean): ShownTail {
  const { token } = useSignedIn()
  const { signOut } = useSession()
  const filter = { tag, cause, tenant, limit: LIMIT }
  const address = addressOf('/invalidations', filter)
  const [shown, setShown] = useState<ShownTail & { readonly address: string }>({
    address: '',
    tail: EMPTY_TAIL,
    failure: undefined,
    isLoading: true,
  })
  const held = useRef<{ address: string; tail: Tail }>({ address: '', tail: EMPTY_TAIL })
  useReadAddress(address)

  // The address stands for the filter, which is another object in each rendering.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (held.current.address !== address) held.current = { address, tail: EMPTY_TAIL }
    if (!isFollowing && held.current.tail !== EMPTY_TAIL) return
    const controller = new AbortController()
    const { signal } = controller
    let timer: number | undefined
    const read = async (): Promise<number> => {
      const { after } = held.current.tail
      try {
        const answer = (await callApi(addressOf('/invalidations', { ...filter, after }), { token, signal })) as Invalidations
        held.current = { address, tail: withAnswer(held.current.tail, answer) }
        setShown({ ...held.current, failure: undefined, isLoading: false })
        // A full answer with new rows is followed by more.
        const isBehind = answer.invalidations.length >= LIMIT && held.current.tail.added > 0
        return isBehind ? 0 : EVERY_MS
      } catch (error) {
        if (signal.aborted || !(error instanceof ApiFailure)) return RETRY_MS
        if (error.status === 401) signOut('The access token has expired or was revoked. Sign in with a new one.')
        setShown({ ...held.current, failure: error, isLoading: false })
        return RETRY_MS
      }
    }
    const follow = async () => {
      const pauseMs = document.hidden ? EVERY_MS : await read()
      if (!signal.aborted && isFollowing) timer = window.setTimeout(() => void follow(), pauseMs)
    }
    void follow()
    return () => {
      controller.abort()
      window.clearTimeout(timer)
    }
  }, [address, token, isFollowing, signOut])

  if (shown.address !== address) return { tail: EMPTY_TAIL, failure: undefined, isLoading: true }
  return shown
}
