import type { ApiFailure } from '../api/client.ts'

/** Shows an error of the management API with its stable code. Shows nothing without an error. */
export function Problem({ failure }: { readonly failure: ApiFailure | undefined }) {
  if (!failure) return null
  return (
    <div className="problem" role="alert">
      <strong>{failure.code}</strong> {failure.message}
      {failure.requestId === undefined ? null : (
        <small>
          Request <code>{failure.requestId}</code>
        </small>
      )}
    </div>
  )
}
