import { hash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { preset } from '@graphql-codegen/client-preset'
import { codegen } from '@graphql-codegen/core'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import config from '../../docs/clients/codegen.ts'
import { trustedDocumentLink } from '../../docs/clients/trusted-documents.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const NAMES = 'query Names { campaigns(first: 2) { nodes { __typename id name version } } }'
const RENAME = `mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { id name } errors { code } } }`

/** Returns the manifest that graphql-codegen writes with the configuration of docs/clients.md. */
async function generatedManifest(documents: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const schema = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
  const [[folder, output]] = Object.entries(config.generates) as [[string, { presetConfig: object }]]
  const parts = await preset.buildGeneratesSection({
    presetConfig: output.presetConfig,
    baseOutputDir: folder,
    plugins: [],
    pluginMap: {},
    config: {},
    schema,
    schemaAst: makeExecutableSchema({ typeDefs: schema }),
    documents: documents.map((text, index) => ({ location: `${index}.graphql`, document: parse(text), rawSDL: text })),
    documentTransforms: [],
  })
  const files = await Promise.all(parts.map(async (part) => [part.filename, await codegen(part)] as const))
  return JSON.parse(files.find(([name]) => name === join(folder, 'persisted-documents.json'))?.[1] ?? '')
}

let database: TestDatabase
let folder: TemporaryFolder
/** Gateway with a manifest from graphql-codegen, and with a cache. */
let cached: Gateway
/** Gateway with a manifest from Apollo, and without a cache. */
let uncached: Gateway
let ids: { readonly names: string; readonly rename: string }
let authorization: string

beforeAll(async () => {
  const [manifest, made, folderMade] = await Promise.all([
    generatedManifest([NAMES, RENAME]),
    createDatabase({ seed: true }),
    temporaryFolder('trusted'),
  ])
  database = made
  folder = folderMade
  const idOf = (name: string) => Object.entries(manifest).find(([, text]) => text.includes(name))?.[0] ?? ''
  ids = { names: idOf('query Names'), rename: idOf('mutation Rename') }
  const operations = Object.entries(manifest).map(([id, body]) => ({ id: id.replace('sha256:', ''), name: 'x', type: 'query', body }))
  const [generated, apollo] = [join(folder.path, 'persisted-documents.json'), join(folder.path, 'apollo.json')]
  await writeFile(generated, JSON.stringify(manifest))
  await writeFile(apollo, JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }))
  const env = { DATABASE_URL: database.url, NODE_ENV: 'production', DRAIN_SECONDS: '0', BATCH_LIMIT: '5', TRUSTED_DOCUMENTS_ONLY: 'on' }
  ;[cached, uncached] = await Promise.all([
    startGateway({ ...env, TRUSTED_DOCUMENTS: generated }),
    startGateway({ ...env, TRUSTED_DOCUMENTS: apollo, CACHE: 'off' }),
  ])
  authorization = `Bearer ${await tokenFor(admin)}`
})

afterAll(async () => {
  await Promise.all([cached, uncached].map((gateway) => gateway?.stop()))
  await database?.drop()
  await folder?.remove()
})

type Parts = Readonly<Record<string, unknown>>

const byPost = ({ url }: Gateway, body: unknown) =>
  fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body: JSON.stringify(body) })

const byGet = ({ url }: Gateway, parts: Parts) => {
  const texts = Object.entries(parts).map(([name, part]) => [name, typeof part === 'string' ? part : JSON.stringify(part)])
  return fetch(`${url}/graphql?${new URLSearchParams(texts)}`, { headers: { 'apollo-require-preflight': 'true', authorization } })
}

/**
 * Sends the request by POST and GET, twice each, with and without the cache. Returns the distinct statuses and bodies.
 */
async function answersTo(parts: Parts): Promise<readonly string[]> {
  const answers = new Set<string>()
  for (const gateway of [cached, uncached])
    for (const send of [byPost, byGet])
      for (let time = 0; time < 3; time++) {
        const response = await send(gateway, parts)
        answers.add(`${response.status} ${await response.text()}`)
      }
  return [...answers]
}

const persisted = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } })

describe('a gateway in production that executes only trusted documents', () => {
  it('answers each document identically by its id, its hash and its text', async () => {
    const text = (await readFile(join(folder.path, 'apollo.json'), 'utf8')).match(/query Names[^"]*/)?.[0] ?? ''
    const ways = [{ documentId: ids.names }, persisted(hash('sha256', text)), { query: text }, { documentId: ids.names, query: text }]
    const answers = new Set((await Promise.all(ways.map(answersTo))).flat())
    expect([...answers]).toEqual([expect.stringMatching(/^200 \{"data":\{"campaigns":\{"nodes":\[\{/)])
  })

  it('refuses every other document with the same answer, and reveals nothing about the document', async () => {
    const documents = ['query {', '{ __schema { types { name } } }', '{ campains { nodes { id } } }', `${NAMES} `, '{ '.repeat(50_000)]
    const answers = new Set<string>()
    for (const query of documents) {
      const short = query.length < 1000
      for (const parts of [{ query }, { query, ...persisted(hash('sha256', query)) }])
        for (const answer of short ? await answersTo(parts) : [await post(parts)]) answers.add(answer)
    }
    expect([...answers]).toEqual([
      '400 {"errors":[{"message":"Expected a trusted document, got another one: send a document of the manifest by its id in `documentId`, or to the letter in `query`.","extensions":{"code":"DOCUMENT_NOT_TRUSTED"}}]}',
    ])
  })

  it('refuses an unknown id and a mismatch of id and document with the same answer', async () => {
    const unknown = await Promise.all(
      [{ documentId: 'x' }, { documentId: `sha256:${'0'.repeat(64)}` }, persisted('0'.repeat(64))].map(answersTo),
    )
    expect([...new Set(unknown.flat())]).toEqual([expect.stringMatching(/^400 .*"DOCUMENT_NOT_FOUND"\}\}\]\}$/)])
    expect(await answersTo({ documentId: ids.names, ...persisted(ids.rename.replace('sha256:', '')) })).toEqual([
      expect.stringMatching(/^400 .*leave `query` out.*"BAD_USER_INPUT"/),
    ])
  })

  it('refuses each untrusted operation of a batch separately', async () => {
    for (const gateway of [cached, uncached]) {
      const response = await byPost(gateway, [{ documentId: ids.names }, { query: 'query {' }, { documentId: 'x' }])
      const codes = ((await response.json()) as { errors?: { extensions: { code: string } }[] }[]).map(
        ({ errors }) => errors?.[0]?.extensions.code,
      )
      expect(codes).toEqual([undefined, 'DOCUMENT_NOT_TRUSTED', 'DOCUMENT_NOT_FOUND'])
    }
  })

  it('executes a mutation only by POST, and @apollo/client then reads what it wrote', async () => {
    const client = new ApolloClient({
      link: ApolloLink.from([trustedDocumentLink(), new HttpLink({ uri: `${cached.url}/graphql`, headers: { authorization } })]),
      cache: new InMemoryCache(),
      defaultOptions: { query: { fetchPolicy: 'network-only' } },
    })
    const query = { ...parse(NAMES), __meta__: { hash: ids.names } }
    // biome-ignore lint/suspicious/noExplicitAny: data has the shape of its query
    const nodes = async () => (await client.query<any>({ query })).data.campaigns.nodes as { id: string; name: string; version: number }[]
    const [first] = await nodes()
    const variables = { input: { id: first?.id, version: first?.version, name: 'renamed by its id' } }
    expect((await byGet(cached, { documentId: ids.rename, variables })).status).toBe(405)
    const { data } = (await (await byPost(cached, { documentId: ids.rename, variables })).json()) as { data: unknown }
    expect(data).toMatchObject({ updateCampaign: { campaign: { name: 'renamed by its id' }, errors: [] } })
    expect((await nodes())[0]?.name).toBe('renamed by its id')
  })
})

async function post(parts: Parts): Promise<string> {
  const response = await byPost(cached, parts)
  return `${response.status} ${await response.text()}`
}
