import { useCallback, useState } from 'react'
import type { Writes } from './calls.ts'
import { ApiFailure } from './client.ts'
import { useSend } from './use-api.ts'

/** State of a call that a reader started. */
export type CallState<Answer> =
  | { readonly status: 'idle' }
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly answer: Answer }
  | { readonly status: 'failed'; readonly failure: ApiFailure }

export interface Call<Path extends keyof Writes> {
  readonly state: CallState<Writes[Path]['answer']>
  /** Sends the call. Nothing is sent while another call runs, so that a second click does nothing twice. */
  readonly send: (path: Path, body: Writes[Path]['body']) => void
}

/** Sends calls to the management API when a reader asks for it, and keeps the last answer. */
export function useCall<Path extends keyof Writes>(): Call<Path> {
  type Answer = Writes[Path]['answer']
  const sendNow = useSend()
  const [state, setState] = useState<CallState<Answer>>({ status: 'idle' })
  const isRunning = state.status === 'running'
  const send = useCallback(
    (path: Path, body: Writes[Path]['body']) => {
      if (isRunning) return
      setState({ status: 'running' })
      sendNow(path, body).then(
        (answer) => setState({ status: 'done', answer }),
        (error: unknown) => setState({ status: 'failed', failure: asFailure(error) }),
      )
    },
    [isRunning, sendNow],
  )
  return { state, send }
}

function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error
  return new ApiFailure(`The page failed: ${String(error)}`, { status: 0, code: 'PAGE_FAILURE', item: undefined, requestId: undefined })
}
