import { useMutation, useQuery } from '@apollo/client/react'
import { type FormEvent, useState } from 'react'
import { CAMPAIGNS, type Campaign, PAUSE, RENAME, RESUME } from './documents.ts'
import { formatMoney } from './format.ts'
import { Notice, Origin } from './notice.tsx'

const POLL_MS = 2000
const PAGE = 10
/** Maximum that the gateway allows for `first`. */
const MAX_FIRST = 100

/**
 * The tenant's campaigns. They are read again every two seconds, which costs the gateway a 304 as long as nothing changes. Apollo Client puts
 * the campaign of a mutation's answer into its cache, so the page shows a change at once. Each later poll carries the token of the write.
 */
export function Campaigns({ mayWrite }: { readonly mayWrite: boolean }) {
  const [first, setFirst] = useState(PAGE)
  const { data, previousData, error } = useQuery(CAMPAIGNS, {
    variables: { first },
    pollInterval: POLL_MS,
    fetchPolicy: 'cache-and-network',
  })
  const shown = (data ?? previousData)?.campaigns
  return (
    <section aria-labelledby="campaigns">
      <div className="title">
        <h2 id="campaigns">Campaigns</h2>
        <Origin operation="Campaigns" />
      </div>
      <Notice operation="Campaigns" error={error} />
      {shown?.nodes.length === 0 && <p className="empty">This tenant has no campaigns yet.</p>}
      <ul className="campaigns">
        {shown?.nodes.map((campaign) => (
          <CampaignRow key={campaign.id} campaign={campaign} mayWrite={mayWrite} />
        ))}
      </ul>
      {shown && shown.totalCount > shown.nodes.length && first < MAX_FIRST && (
        <button type="button" onClick={() => setFirst(Math.min(MAX_FIRST, first + PAGE))}>
          Show more of {shown.totalCount}
        </button>
      )}
    </section>
  )
}

function CampaignRow({ campaign, mayWrite }: { readonly campaign: Campaign; readonly mayWrite: boolean }) {
  const { id, name, status, budget, domainCount } = campaign
  const [isRenaming, setRenaming] = useState(false)
  const [pause, pausing] = useMutation(PAUSE)
  const [resume, resuming] = useMutation(RESUME)
  const problem = problemOf(pausing) ?? problemOf(resuming)
  return (
    <li>
      <div className="campaign">
        {isRenaming ? <RenameForm campaign={campaign} onDone={() => setRenaming(false)} /> : <span className="name">{name}</span>}
        <span className="status" data-status={status}>
          {status.toLowerCase()}
        </span>
        <span className="facts">
          {formatMoney(budget)} · {domainCount} domains
        </span>
        {mayWrite && !isRenaming && (
          <span className="actions">
            <button type="button" onClick={() => setRenaming(true)} disabled={status === 'ARCHIVED'} aria-label={`Rename ${name}`}>
              Rename
            </button>
            {status === 'ACTIVE' && (
              <button
                type="button"
                onClick={() => pause({ variables: { id } }).catch(shownBelow)}
                disabled={pausing.loading}
                aria-label={`Pause ${name}`}
              >
                Pause
              </button>
            )}
            {status === 'PAUSED' && (
              <button
                type="button"
                onClick={() => resume({ variables: { id } }).catch(shownBelow)}
                disabled={resuming.loading}
                aria-label={`Resume ${name}`}
              >
                Resume
              </button>
            )}
          </span>
        )}
      </div>
      {problem && <p role="alert">{problem}</p>}
    </li>
  )
}

function RenameForm({ campaign, onDone }: { readonly campaign: Campaign; readonly onDone: () => void }) {
  const { id, name, version } = campaign
  // The name and version that the person saw. If somebody else changes the campaign meanwhile, the gateway refuses the update.
  const [seen] = useState({ name, version })
  const [rename, renaming] = useMutation(RENAME)
  const problem = problemOf(renaming)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = String(new FormData(event.currentTarget).get('name') ?? '')
    const answer = await rename({ variables: { id, version: seen.version, name: typed } }).catch(shownBelow)
    if (answer?.data?.changed.errors.length === 0) onDone()
  }
  return (
    <form className="rename" onSubmit={submit}>
      <input
        name="name"
        defaultValue={seen.name}
        maxLength={120}
        required
        aria-label={`New name of ${seen.name}`}
        ref={(input) => input?.focus()}
        onKeyDown={({ key }) => key === 'Escape' && onDone()}
      />
      <button type="submit" disabled={renaming.loading}>
        Save
      </button>
      <button type="button" onClick={onDone}>
        Cancel
      </button>
      {problem && <p role="alert">{problem}</p>}
    </form>
  )
}

interface Sending {
  readonly error?: Error | undefined
  readonly data?: { readonly changed: { readonly errors: readonly { readonly message: string }[] } } | null | undefined
}

/** Returns why a mutation changed nothing; undefined if it did, or was not sent. */
function problemOf({ error, data }: Sending): string | undefined {
  return error?.message ?? data?.changed.errors[0]?.message
}

/** The row shows the error of a mutation, which useMutation keeps. */
const shownBelow = () => undefined
