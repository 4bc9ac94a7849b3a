const WITH_TOKEN = `# Run it twice: the panel shows where each value came from.
query FirstCampaigns {
  campaigns(first: 3) {
    nodes {
      name
      status
      domainCount
      owner { name }
    }
  }
}
`
/** Query for a visitor without an access token. */
const PUBLIC = `# Run it twice: the panel shows where each value came from.
query TopLevelDomains {
  tlds(kind: COUNTRY_CODE) {
    name
    kind
  }
}
`

export interface FirstRequest {
  readonly query: string
  /** Headers as JSON, as the editor of GraphiQL shows them. */
  readonly headers: string
}

/** Returns the request that the explorer shows first. @param token Access token that the page contains; empty if it contains none. */
export function firstRequest(token: string): FirstRequest {
  if (token === '') return { query: PUBLIC, headers: '' }
  return { query: WITH_TOKEN, headers: JSON.stringify({ authorization: `Bearer ${token}` }, null, 2) }
}
