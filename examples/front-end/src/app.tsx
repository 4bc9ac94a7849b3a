import { CombinedGraphQLErrors, ServerError } from '@apollo/client'
import { ApolloProvider, useQuery } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import { CallBoard } from './call-board.tsx'
import { Campaigns } from './campaigns.tsx'
import { createDesk, type Desk } from './client.ts'
import { VIEWER } from './documents.ts'
import { FreshnessContext } from './notice.tsx'
import { SignIn } from './sign-in.tsx'

const STORED = 'call-desk-access-token'

/** The whole page. The access token is kept for this tab only, and never in an address. @param uri Address of the GraphQL endpoint. */
export function App({ uri }: { readonly uri: string }) {
  const [desk, setDesk] = useState<Desk>()
  const [token, setToken] = useState(() => sessionStorage.getItem(STORED) ?? '')
  useEffect(() => {
    if (token === '') return setDesk(undefined)
    const opened = createDesk(token, uri)
    setDesk(opened)
    return () => opened.close()
  }, [token, uri])
  const keep = (next: string) => {
    sessionStorage.setItem(STORED, next)
    setToken(next)
  }
  if (token === '') return <SignIn onToken={keep} />
  if (!desk) return null
  return (
    <ApolloProvider client={desk.client}>
      <FreshnessContext value={desk.freshness}>
        <SignedIn onSignOut={() => keep('')} />
      </FreshnessContext>
    </ApolloProvider>
  )
}

function SignedIn({ onSignOut }: { readonly onSignOut: () => void }) {
  const { data, error } = useQuery(VIEWER)
  if (error && isRefused(error))
    return <SignIn onToken={onSignOut} refusal="The gateway refused this token. Sign out and use a newer one." />
  if (!data) return <p className="empty">{error ? 'The gateway cannot be reached. Is it running?' : 'Loading…'}</p>
  const { role, user, tenant } = data.viewer
  if (!tenant) return <SignIn onToken={onSignOut} refusal="This token belongs to no tenant. Use the token of an EDITOR or ADMIN." />
  return (
    <>
      <header className="bar">
        <h1>Call desk</h1>
        <p>
          {tenant.name} · {user?.name ?? 'service account'} ({role})
        </p>
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </header>
      <main className="columns">
        <Campaigns mayWrite={role !== 'VIEWER'} />
        <CallBoard withAmounts={role === 'ADMIN'} mayWrite={role !== 'VIEWER'} currency={tenant.currency} />
      </main>
    </>
  )
}

function isRefused(error: Error): boolean {
  if (ServerError.is(error)) return error.statusCode === 401
  return CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.['code'] === 'UNAUTHENTICATED')
}
