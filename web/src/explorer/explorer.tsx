import 'graphiql/style.css'
import './explorer.css'
import { GraphiQL } from 'graphiql'
import { useState } from 'react'
import { firstRequest } from './first-request.ts'
import { NewestAnswer } from './newest-answer.ts'
import { OriginPanel } from './origin-panel.tsx'
import { createSendRequest } from './send-request.ts'
import { storageWithoutHeaders } from './storage-without-headers.ts'

/** GraphiQL, and beside it where each value of an answer came from. @param token Access token for the headers; empty for none. */
export default function Explorer({ token }: { readonly token: string }) {
  const [{ newest, fetcher, first, storage }] = useState(() => {
    const newest = new NewestAnswer()
    return { newest, fetcher: createSendRequest(newest), first: firstRequest(token), storage: storageWithoutHeaders(localStorage) }
  })
  return (
    <main className="explorer">
      <div className="editor">
        <GraphiQL
          fetcher={fetcher}
          defaultQuery={first.query}
          headers={first.headers}
          // A token must not stay in the storage of the browser, where every later page of this address could read it.
          shouldPersistHeaders={false}
          storage={storage}
          forcedTheme="system"
        >
          <GraphiQL.Logo>tidegate</GraphiQL.Logo>
        </GraphiQL>
      </div>
      <OriginPanel newest={newest} />
    </main>
  )
}
