import type { Agent } from 'node:http'
import { type LiveResult, Subscriber } from '../../../bench/live/subscriber.ts'
import type { History } from '../history.ts'
import type { ThingRow } from '../things.ts'

export interface WatcherOptions {
  readonly agent: Agent
  readonly url: () => string
  readonly authorization: string
  readonly tenant: string
  readonly id: number
  /** Global id of the campaign. */
  readonly globalId: string
  /** Index of the process that the stream prefers. */
  readonly instance: number
  readonly history: History
  readonly onAnomaly: (description: string) => void
}

const QUERY = 'query Watched($id: ID!) @live { campaign(id: $id) { name version } }'

/** One live query of a campaign. It checks each result against the history, and against the result before. */
export class Watcher {
  readonly key: string
  readonly subscriber: Subscriber
  results = 0
  staleResults = 0
  /** Payload of the newest result. */
  payload: string | undefined
  readonly #options: WatcherOptions
  #version = 0

  constructor(options: WatcherOptions) {
    const { agent, url, authorization, globalId, tenant, id } = options
    this.#options = options
    this.key = `${tenant}/${id}`
    const body = JSON.stringify({ query: QUERY, variables: { id: globalId } })
    this.subscriber = new Subscriber({ agent, url, authorization, body, onResult: (result) => this.#check(result) })
  }

  /** Accepts an older version from now on, because a failover has lost newer ones. @param row Row that has survived. */
  rewind({ version }: Pick<ThingRow, 'version'>): void {
    this.#version = Math.min(this.#version, version)
  }

  #check({ data, extensions }: LiveResult): void {
    const { history, tenant, id, instance, onAnomaly } = this.#options
    const { campaign } = data as { readonly campaign: { readonly name: string; readonly version: number } | null }
    // A result with an error says nothing about the row.
    if (!campaign) return
    const isStale = extensions?.['stale'] !== undefined
    this.results++
    if (isStale) this.staleResults++
    this.payload = campaign.name
    // A result that says that it may be old may also be a lost write: the process cannot know of the promotion yet.
    if (isStale) return
    if (campaign.version < this.#version) onAnomaly(`${this.key}: a stream showed ${campaign.version} after ${this.#version}`)
    this.#version = campaign.version
    const result = { version: campaign.version, payload: campaign.name, layer: 'l1', ageMs: 0 } as const
    history.checkRead({ tenant, id, instance, token: undefined, sentAt: performance.now(), result })
  }
}
