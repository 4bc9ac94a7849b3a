import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, startGateway } from '../e2e/gateway.ts'
import { createDatabase } from '../servers/database.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Exported {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly { readonly name: string }[] }[]
  }[]
}

/** Starts a listener for OTLP over HTTP. Returns its address and the names of the spans that it got. */
async function listenForSpans(): Promise<{ readonly url: string; readonly names: string[] }> {
  const names: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Exported
    for (const { scopeSpans } of resourceSpans)
      for (const { scope, spans } of scopeSpans) if (scope.name === 'tidegate') names.push(...spans.map(({ name }) => name))
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, names }
}

describe('the example in docs/tracing.md', () => {
  it('exports the spans of a request by OTLP, from a gateway that was started with it', async () => {
    const [, example = ''] = /```js\n(.*?)```/s.exec(await readFile(join(ROOT, 'docs/tracing.md'), 'utf8')) ?? []
    const folder = join(ROOT, 'node_modules/.cache')
    const file = join(folder, `otel-${process.pid}.mjs`)
    await mkdir(folder, { recursive: true })
    await writeFile(file, example)
    onTestFinished(() => rm(file))
    const database = await createDatabase({ seed: true })
    onTestFinished(() => database.drop())
    const { url, names } = await listenForSpans()
    const gateway = await startGateway({
      DATABASE_URL: database.url,
      NODE_OPTIONS: `--import ${pathToFileURL(file)}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      CORS_ORIGINS: 'https://app.example',
    })
    onTestFinished(async () => void (await gateway.stop()))
    const query = '{ campaigns(first: 2) { nodes { id } } }'
    await ask(gateway.url, query)
    await expect.poll(() => names, { timeout: 20_000 }).toEqual(expect.arrayContaining(['POST /graphql', 'query', 'cache.load Campaign']))

    // The same process measures durations for a client that asks for debugging, beside its traces.
    const debugged = await ask(gateway.url, query, { headers: { 'x-cache-debug': '1', origin: 'https://app.example' } })
    expect(debugged.headers.get('server-timing')).toMatch(
      /^plan;dur=[\d.]+;desc="[^"]+", cache;dur=.*total;dur=[\d.]+;desc="the whole operation"$/,
    )
    expect(debugged.headers.get('timing-allow-origin')).toBe('https://app.example')
    const foreign = await ask(gateway.url, query, { headers: { 'x-cache-debug': '1', origin: 'https://other.example' } })
    expect(foreign.headers.get('timing-allow-origin')).toBeNull()
    const usual = await ask(gateway.url, query, { headers: { origin: 'https://app.example' } })
    expect([usual.headers.get('server-timing'), usual.headers.get('timing-allow-origin')]).toEqual([null, null])
  })
})
