import { useApi } from '../../api/use-api.ts'
import { Card } from '../../parts/card.tsx'
import { Problem } from '../../parts/problem.tsx'

/** Value of a key, if the role may see it. */
export function KeyValue({ of: key }: { readonly of: string }) {
  const { data, failure } = useApi('/key', { key })
  if (!data) return failure ? <Problem failure={failure} /> : null
  return (
    <Card title="Its value">
      {data.isRedacted ? (
        <p className="soft">Values are data of the tenant. Only an ADMIN of the tenant sees them.</p>
      ) : data.value === undefined ? (
        <p className="soft">Neither the memory of this process nor Redis has a value that would be served.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <pre className="json" tabIndex={0}>
          {JSON.stringify(data.value, null, 2)}
        </pre>
      )}
    </Card>
  )
}
