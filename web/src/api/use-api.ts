import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { InputOf, Reads, Writes } from './calls.ts'
import { ApiFailure, addressOf, callApi, type Params } from './client.ts'
import { useReadAddress } from './read-log.tsx'
import { useSession, useSignedIn } from './session.tsx'

/** State of a read that is repeated. */
export interface Reading<Answer> {
  /** Last answer; undefined before the first one. After a failure it is the answer before the failure. */
  readonly data: Answer | undefined
  /** Failure of the last attempt; undefined if it succeeded. */
  readonly failure: ApiFailure | undefined
  /** Whether an answer to the current parameters is being waited for. */
  readonly isLoading: boolean
  /** Time of the last answer, Unix epoch ms. */
  readonly at: number | undefined
  /** Address of the read, below the origin of the page. */
  readonly address: string
  /** Reads once more, now. */
  readonly reload: () => void
}

export interface ReadOptions {
  /** Time between two reads, ms. Default: the answer is read once. A page in a hidden tab does not read. */
  readonly everyMs?: number
}

interface Result<Answer> {
  readonly address: string
  readonly data?: Answer
  readonly failure?: ApiFailure
  readonly at?: number
}

const EXPIRED = 'The access token has expired or was revoked. Sign in with a new one.'

/**
 * Reads from the management API while the component is shown, and again when the parameters change. A refused token (401) leads to the
 * sign-in page. @param path Path of the read; null if nothing should be read now.
 */
export function useApi<Path extends keyof Reads>(
  path: Path | null,
  params: InputOf<Path>,
  { everyMs }: ReadOptions = {},
): Reading<Reads[Path]['answer']> {
  type Answer = Reads[Path]['answer']
  const { token } = useSignedIn()
  const { signOut } = useSession()
  const address = path === null ? '' : addressOf(path, params as Params)
  const [result, setResult] = useState<Result<Answer>>({ address: '' })
  const readNow = useRef<() => void>(undefined)
  useReadAddress(path === null ? undefined : address)

  useEffect(() => {
    if (address === '') return
    const controller = new AbortController()
    const { signal } = controller
    let timer: number | undefined
    let isReading = false
    const read = async () => {
      if (isReading) return
      window.clearTimeout(timer)
      isReading = true
      try {
        const data = (await callApi(address, { token, signal })) as Answer
        setResult({ address, data, at: Date.now() })
      } catch (error) {
        if (signal.aborted) return
        const failure = error instanceof ApiFailure ? error : unexpected(error)
        if (failure.status === 401) return signOut(EXPIRED)
        setResult((before) => ({ ...(before.address === address ? before : { address }), failure }))
      } finally {
        isReading = false
        if (everyMs !== undefined && !signal.aborted) timer = window.setTimeout(readIfVisible, everyMs)
      }
    }
    const readIfVisible = () => void (document.hidden ? undefined : read())
    const onVisibility = () => void (everyMs === undefined ? undefined : readIfVisible())
    document.addEventListener('visibilitychange', onVisibility)
    readNow.current = () => void read()
    void read()
    return () => {
      controller.abort()
      window.clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisibility)
    }
  }, [address, token, everyMs, signOut])

  const reload = useCallback(() => readNow.current?.(), [])
  return useMemo(
    () => ({
      data: result.data,
      failure: result.address === address ? result.failure : undefined,
      isLoading: address !== '' && result.address !== address,
      at: result.at,
      address,
      reload,
    }),
    [result, address, reload],
  )
}

/** Returns a function that sends a call to the management API. It throws an ApiFailure for an error. */
export function useSend(): <Path extends keyof Writes>(path: Path, body: Writes[Path]['body']) => Promise<Writes[Path]['answer']> {
  const { token } = useSignedIn()
  const { signOut } = useSession()
  return useCallback(
    async (path, body) => {
      try {
        return (await callApi(addressOf(path), { token, body })) as never
      } catch (error) {
        if (error instanceof ApiFailure && error.status === 401) signOut(EXPIRED)
        throw error
      }
    },
    [token, signOut],
  )
}

function unexpected(cause: unknown): ApiFailure {
  const text = cause instanceof Error ? cause.message : String(cause)
  return new ApiFailure(`The page failed: ${text}`, { status: 0, code: 'PAGE_FAILURE', item: undefined, requestId: undefined })
}
