import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { vi } from 'vitest'
import { admin, tokenFor } from '../e2e/gateway.ts'

const QUERY = '{ campaigns(first: 2) { nodes { id name } } }'
/** Neither operation changes anything, but a proxy must treat the second operation as a write. */
const BODIES = [QUERY, 'mutation { updateCampaign(input: { id: "none", version: 1, name: "none" }) { errors { code } } }']

/** A client waits between two requests, because clients that never wait take the processor from the gateways, whose starts then take minutes. */
const PAUSE_MS = 20

export interface Load {
  answered(): number
  untilAnswered(count: number): Promise<void>
  untilFailed(count: number): Promise<void>
  /** Stops the load after the requests in flight were answered. */
  stop(): Promise<{ readonly answered: number; readonly failed: readonly string[] }>
}

/** Starts clients that each send one request after another: queries by GET and POST, and mutations. */
export function startLoad(url: string, clients: number): Load {
  const agent = new Agent({ keepAlive: true })
  const failed: string[] = []
  let answered = 0
  let stopped = false
  const run = async (client: number) => {
    const authorization = `Bearer ${await tokenFor(admin)}`
    for (let i = client; !stopped; i++) {
      const outcome = await (i % 3 === 0 ? get(url, authorization, agent) : post(url, authorization, agent, BODIES[i % 2] ?? QUERY))
      if (outcome === 200) answered++
      else failed.push(`${i % 3 === 0 ? 'GET' : 'POST'}: ${outcome}`)
      await pause(PAUSE_MS)
    }
  }
  const running = Array.from({ length: clients }, (_, client) => run(client))
  return {
    answered: () => answered,
    untilAnswered: (count) => vi.waitUntil(() => answered >= count, { timeout: 60_000 }).then(() => undefined),
    untilFailed: (count) => vi.waitUntil(() => failed.length >= count, { timeout: 60_000 }).then(() => undefined),
    stop: async () => {
      stopped = true
      await Promise.all(running)
      agent.destroy()
      return { answered, failed }
    },
  }
}

function get(url: string, authorization: string, agent: Agent): Promise<number | string> {
  return send(
    `${url}/graphql?${new URLSearchParams({ query: QUERY })}`,
    'GET',
    { authorization, 'apollo-require-preflight': 'true' },
    agent,
  )
}

function post(url: string, authorization: string, agent: Agent, query: string): Promise<number | string> {
  return send(`${url}/graphql`, 'POST', { authorization, 'content-type': 'application/json' }, agent, JSON.stringify({ query }))
}

function send(url: string, method: string, headers: Record<string, string>, agent: Agent, body?: string): Promise<number | string> {
  return new Promise((resolve) => {
    const sending = request(url, { method, headers, agent }, (response) => {
      response.resume()
      response.on('error', (error) => resolve(error.message))
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sending.on('error', (error) => resolve(error.message))
    sending.end(body)
  })
}
