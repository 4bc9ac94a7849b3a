import { afterEach, describe, expect, it, vi } from 'vitest'
import { cacheKey, type Json } from '#src/engine/cache/model/key.ts'
import { pageRequest } from '#src/gateway/contract/connection.ts'
import { decodeCursor } from '#src/gateway/contract/cursor.ts'
import { rowIdOf } from '#src/gateway/contract/global-id.ts'
import { readEnvelope } from '#src/gateway/graphql/document/envelope.ts'
import { checkVariableTexts } from '#src/gateway/graphql/document/limits/input-text.ts'
import { TrustedDocuments } from '#src/gateway/graphql/document/trusted/trusted-documents.ts'
import { storedResponse } from '#src/gateway/responses/stored-response.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { type EnvelopeTally, envelopeReport, runEnvelopes, type SendEnvelope } from './envelope-run.ts'
import { envelopeManifest } from './envelope-shapes.ts'
import { isErrorLine } from './judge.ts'
import { STRICT_SDL, strictDocuments, strictModule } from './strict-module.ts'

vi.mock('#src/engine/cache/model/key.ts', { spy: true })
vi.mock('#src/gateway/graphql/document/envelope.ts', { spy: true })
vi.mock('#src/gateway/graphql/document/limits/input-text.ts', { spy: true })
vi.mock('#src/gateway/contract/connection.ts', { spy: true })
vi.mock('#src/gateway/contract/cursor.ts', { spy: true })
vi.mock('#src/gateway/contract/global-id.ts', { spy: true })
vi.mock('#src/gateway/responses/stored-response.ts', { spy: true })

const real = {
  ...(await vi.importActual<typeof import('#src/engine/cache/model/key.ts')>('#src/engine/cache/model/key.ts')),
  ...(await vi.importActual<typeof import('#src/gateway/graphql/document/envelope.ts')>('#src/gateway/graphql/document/envelope.ts')),
  ...(await vi.importActual<typeof import('#src/gateway/contract/global-id.ts')>('#src/gateway/contract/global-id.ts')),
  ...(await vi.importActual<typeof import('#src/gateway/responses/stored-response.ts')>('#src/gateway/responses/stored-response.ts')),
}
const spies = [
  ...[vi.mocked(cacheKey), vi.mocked(readEnvelope), vi.mocked(checkVariableTexts)],
  ...[vi.mocked(pageRequest), vi.mocked(decodeCursor), vi.mocked(rowIdOf), vi.mocked(storedResponse)],
]

/** Planted defects by name. Each breaks a property that clients rely on. */
const defects: Readonly<Record<string, () => void>> = {
  'U+0000 and lone surrogates are accepted in variables': () => void vi.mocked(checkVariableTexts).mockImplementation(() => undefined),
  'an invalid id reaches the database': () => void vi.mocked(rowIdOf).mockImplementation((_, id) => id as unknown as number),
  'an invalid id causes an internal server error': () =>
    void vi.mocked(rowIdOf).mockImplementation((type, id) => {
      if (!real.isGlobalId(id)) throw new TypeError('There is no such id.')
      return real.rowIdOf(type, id)
    }),
  'an id is trimmed only in the cache key': () => {
    const trimmed = (part: Json) => (typeof part === 'string' ? part.trim() : part)
    vi.mocked(cacheKey).mockImplementation((tenant, namespace, parts) => real.cacheKey(tenant, namespace, parts.map(trimmed)))
  },
  'a cache key does not contain a filter': () =>
    void vi
      .mocked(cacheKey)
      .mockImplementation((tenant, namespace, parts) => real.cacheKey(tenant, namespace, namespace.startsWith('Query.page') ? [] : parts)),
  'a number outside its range reaches the database': () =>
    void vi
      .mocked(pageRequest)
      .mockImplementation(({ first }, order, list) => ({ list, order, size: first ?? 20, fromEnd: false, after: null, before: null })),
  'a cursor is used without a check': () => void vi.mocked(decodeCursor).mockImplementation((_, cursor) => ({ key: cursor, id: 1 })),
  'a cached response differs from the response that was sent first': () =>
    void vi.mocked(storedResponse).mockImplementation((head, body) => real.storedResponse(head, body.replace('"id"', '"ID"'))),
  'a cached response lacks its last character': () =>
    void vi.mocked(storedResponse).mockImplementation((head, body) => real.storedResponse(head, body.slice(0, -1))),
  'a malformed request causes an internal server error': () =>
    void vi.mocked(readEnvelope).mockImplementation((source, isOwnId) => {
      try {
        return real.readEnvelope(source, isOwnId)
      } catch (error) {
        throw new TypeError('There is no such part.', { cause: error })
      }
    }),
  'the id of a trusted document is ignored if the request has no query': () =>
    void vi.mocked(readEnvelope).mockImplementation((source, isOwnId) => {
      const { documentId, query = '', ...others } = real.readEnvelope(source, isOwnId)
      return query === '' ? { ...others, query } : { ...others, query, ...(documentId !== undefined && { documentId }) }
    }),
  'a part of a request is read differently in a GET and in a POST': () =>
    void vi.mocked(readEnvelope).mockImplementation((source, isOwnId) => {
      const envelope = real.readEnvelope(source, isOwnId)
      return 'search' in source && !envelope.variables ? { ...envelope, operationName: envelope.operationName ?? 'null' } : envelope
    }),
}

type TinyGateway = Awaited<ReturnType<typeof startTinyGateway>>

/**
 * Sends requests to the GraphQL endpoint itself. If the endpoint throws, the response has status 500, as it would have
 * from the HTTP server.
 */
function sendTo({ endpoint }: TinyGateway): SendEnvelope {
  return async ({ method, isAnonymous, headers, search, body }) => {
    const caller = isAnonymous ? null : viewer('acme')
    try {
      const request = { method, headers, search, body: method === 'GET' ? undefined : body, viewer: caller, requestId: 'r', debug: false }
      const response = await endpoint.execute(request)
      const text = Buffer.from(response.body as Uint8Array).toString()
      return { status: response.status, contentType: response.headers.get('content-type') ?? '', text }
    } catch (error) {
      return { status: 500, contentType: '', text: String(error) }
    }
  }
}

async function run(count: number): Promise<EnvelopeTally> {
  const manifest = new Map(Object.entries(envelopeManifest(strictDocuments)))
  const trusted = new TrustedDocuments({ file: 'documents.json', documents: manifest, exclusive: false })
  const terms = { sdl: STRICT_SDL, adapt: strictModule, introspection: false, trusted }
  await using cached = await startTinyGateway(terms)
  await using uncached = await startTinyGateway({ ...terms, enabled: false })
  const ends = { cached: sendTo(cached), uncached: sendTo(uncached) }
  return await runEnvelopes({ count, seed: 'planted', documents: strictDocuments, ...ends, maxFindings: 1 })
}

describe('comparing the responses to random requests', () => {
  afterEach(() => {
    for (const spy of spies) spy.mockReset()
  })

  it('finds no defect in a gateway that checks its input', async () => {
    const tally = await run(150)
    expect(tally.findings, envelopeReport(tally)).toEqual([])
    expect([...tally.statuses.keys()].toSorted()).toEqual(expect.arrayContaining([200, 400, 405]))
  })

  it.each(Object.keys(defects))('reveals a gateway in which %s', async (name) => {
    defects[name]?.()
    const { findings } = await run(1500)
    expect(findings).not.toEqual([])
  })
})

describe('the log of a gateway under test', () => {
  it('is searched for lines of the levels error and fatal', () => {
    const lines: string[] = []
    const logger = createLogger('trace', { write: (line) => void lines.push(line) })
    logger.error('it failed')
    logger.fatal('it ended')
    logger.warn({ level: 'error' }, 'it is slow')
    logger.info('{"level":"error"}')
    expect(lines.map((line) => isErrorLine(line))).toEqual([true, true, false, false])
  })
})
