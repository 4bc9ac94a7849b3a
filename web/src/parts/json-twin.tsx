import { useEffect, useState } from 'react'
import { ApiFailure, callApi } from '../api/client.ts'
import { useReadAddresses } from '../api/read-log.tsx'
import { useSignedIn } from '../api/session.tsx'
import { CommandLine } from './command-line.tsx'
import { Dialog } from './dialog.tsx'
import { Problem } from './problem.tsx'

/** Button that shows the answers of the management API that the view consists of, with their addresses. */
export function JsonTwin() {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setIsOpen(true)}>
        JSON
      </button>
      <Dialog title="This view as JSON" isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <Answers />
      </Dialog>
    </>
  )
}

function Answers() {
  const addresses = useReadAddresses()
  const [chosen, setChosen] = useState<string>()
  const { token } = useSignedIn()
  const [shown, setShown] = useState<{ readonly text?: string; readonly failure?: ApiFailure }>({})
  const address = chosen !== undefined && addresses.includes(chosen) ? chosen : addresses[0]
  useEffect(() => {
    if (address === undefined) return
    const controller = new AbortController()
    setShown({})
    callApi(address, { token, signal: controller.signal }).then(
      (answer) => setShown({ text: JSON.stringify(answer, null, 2) }),
      (error: unknown) => void (error instanceof ApiFailure && setShown({ failure: error })),
    )
    return () => controller.abort()
  }, [address, token])
  if (address === undefined) return <p>This view has read nothing yet.</p>
  return (
    <>
      <label className="field">
        Answer
        <select value={address} onChange={(event) => setChosen(event.target.value)}>
          {addresses.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <CommandLine command={`curl -s '${window.location.origin}${address}' -H "authorization: Bearer $TIDEGATE_TOKEN"`} />
      <Problem failure={shown.failure} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <pre className="json" role="document" tabIndex={0} aria-label="Answer" aria-busy={shown.text === undefined}>
        {shown.text ?? 'Loading …'}
      </pre>
    </>
  )
}
