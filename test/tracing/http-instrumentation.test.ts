import { createRequire } from 'node:module'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { expect, it, onTestFinished } from 'vitest'
import { createDatabase } from '../servers/database.ts'
import { startRedis } from '../servers/redis.ts'
import { recordSpans, startTraced, tree } from './traced-gateway.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

it('The HTTP instrumentation of OpenTelemetry and the gateway together make one connected trace, with one span of the HTTP request.', async () => {
  const [database, redis] = await Promise.all([createDatabase({ seed: true }), startRedis()])
  const spans = recordSpans()
  const instrumentation = new HttpInstrumentation()
  // The instrumentation changes the module when it is required, also for those who have imported it before.
  createRequire(import.meta.url)('node:http')
  const gateway = await startTraced({ databaseUrl: database.url, redisUrl: redis.url })
  onTestFinished(async () => {
    instrumentation.disable()
    await gateway.close()
    await spans.stop()
    await Promise.all([database.drop(), redis.stop()])
  })
  const ask = async (body: string) =>
    (
      await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close', traceparent: `00-${TRACE}-${PARENT}-01` },
        body,
      })
    ).json()
  const query = JSON.stringify({ query: '{ tlds(kind: COUNTRY_CODE) { name } }' })
  // The second one is answered on the fast path, and the third one does not take it.
  for (const body of [query, query, query + ' '.repeat(70_000)]) {
    expect(await ask(body)).toHaveProperty('data.tlds')
    await expect.poll(() => spans.open()).toBe(0)
    const all = spans.take()
    const servers = all.filter(({ attributes }) => 'http.request.method' in attributes)
    expect(servers.map(({ name, kind, parentId }) => [name, kind, parentId])).toEqual([['POST', 'SERVER', PARENT]])
    expect(tree(all, PARENT).slice(0, 2)).toEqual(['SERVER POST', '  SERVER query'])
    // No span is outside of the trace.
    expect(tree(all, PARENT)).toHaveLength(all.length)
    expect(new Set(all.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
  }
})
