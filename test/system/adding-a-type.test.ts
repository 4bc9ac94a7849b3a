import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type MissingPiece, readGuide } from '../architecture/guide.ts'
import { dailySeed } from '../daily-seed.ts'
import { type Gateway, start, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const guide = readGuide()
const PARTS = ['src', 'schema', 'scripts/codegen', 'package.json', 'codegen.ts', 'tsconfig.json']

/** Copies this project and adds the type that docs/adding-a-type.md describes. */
async function copyProject(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder('adding-a-type')
  for (const part of PARTS) await cp(join(root, part), join(folder.path, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  for (const { path, text } of [...guide.files, guide.edited]) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true })
    await writeFile(join(folder.path, path), text)
  }
  return folder
}

/** Runs a command in the copied project. @returns its output and its exit code. */
async function execute(folder: string, line: string): Promise<{ readonly code: number; readonly output: string }> {
  try {
    const [program = '', ...args] = line.split(' ')
    const { stdout, stderr } = await run(program, args, { cwd: folder })
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { readonly code: number; readonly stdout: string; readonly stderr: string }
    return { code, output: stdout + stderr }
  }
}

const LIST = 'query ($campaign: ID) { agencies(campaignId: $campaign) { totalCount nodes { id name version campaign { name } } } }'
const CREATE = `mutation ($name: String!, $campaign: ID!) {
  createAgency(input: { name: $name, campaignId: $campaign }) { agency { id name version } errors { code field } }
}`
const UPDATE = `mutation ($id: ID!, $version: Int!, $name: String!) {
  updateAgency(input: { id: $id, version: $version, name: $name }) { agency { name version } errors { code } }
}`
const DELETE = 'mutation ($id: ID!) { deleteAgency(id: $id) { deletedId errors { code } } }'
const NODE = 'query ($id: ID!) { node(id: $id) { __typename id ... on Agency { name } } agency(id: $id) { name } }'

describe('a type that was added according to docs/adding-a-type.md', () => {
  let project: TemporaryFolder
  let database: TestDatabase
  let gateway: Gateway
  let campaign: { readonly id: string; readonly name: string }
  beforeAll(async () => {
    project = await copyProject()
    for (const line of ['npx graphql-codegen', 'npx tsc']) expect(await execute(project.path, line)).toMatchObject({ code: 0 })
    database = await createDatabase({ seed: true })
    gateway = await startGateway({ DATABASE_URL: database.url }, project.path)
    campaign = (await gateway.ask('{ campaigns(first: 1) { nodes { id name } } }')).data?.['campaigns'].nodes[0]
  })
  afterAll(async () => {
    await gateway?.stop()
    await database?.drop()
    await project?.remove()
  })

  const ask = async (query: string, variables: Readonly<Record<string, unknown>>, consistencyToken?: string | null) => {
    const answer = await gateway.ask(query, { variables, ...(consistencyToken && { consistencyToken }) })
    expect(answer).toMatchObject({ status: 200, errors: undefined })
    return answer
  }

  it('can be created, listed, counted, found by node(id:), updated and deleted, and every read sees the preceding write.', async () => {
    const variables = { name: ' Northwind ', campaign: campaign.id }
    const empty = { agencies: { totalCount: 0, nodes: [] } }
    expect((await ask(LIST, { campaign: campaign.id })).data).toEqual(empty)
    const created = await ask(CREATE, variables)
    const agency = created.data?.['createAgency'].agency
    expect(created.data?.['createAgency']).toEqual({ agency: { id: expect.any(String), name: 'Northwind', version: 1 }, errors: [] })

    const listed = { totalCount: 1, nodes: [{ ...agency, campaign: { name: campaign.name } }] }
    for (const asked of [{ campaign: campaign.id }, {}]) expect((await ask(LIST, asked, created.token)).data?.['agencies']).toEqual(listed)
    expect((await ask(NODE, { id: agency.id }, created.token)).data).toEqual({
      node: { __typename: 'Agency', id: agency.id, name: 'Northwind' },
      agency: { name: 'Northwind' },
    })

    const updated = await ask(UPDATE, { id: agency.id, version: 1, name: 'Southwind' })
    expect(updated.data?.['updateAgency']).toEqual({ agency: { name: 'Southwind', version: 2 }, errors: [] })
    expect((await ask(LIST, { campaign: campaign.id }, updated.token)).data?.['agencies'].nodes).toMatchObject([{ name: 'Southwind' }])
    expect((await ask(UPDATE, { id: agency.id, version: 1, name: 'Late' })).data?.['updateAgency']).toEqual({
      agency: { name: 'Southwind', version: 2 },
      errors: [{ code: 'CONFLICT' }],
    })

    const deleted = await ask(DELETE, { id: agency.id })
    expect(deleted.data?.['deleteAgency']).toEqual({ deletedId: agency.id, errors: [] })
    expect((await ask(LIST, { campaign: campaign.id }, deleted.token)).data).toEqual(empty)
    expect((await ask(NODE, { id: agency.id }, deleted.token)).data).toEqual({ node: null, agency: null })
  })

  it('rejects a campaign that does not exist and an empty name.', async () => {
    const missing = Buffer.from('Campaign:999999999').toString('base64url')
    expect((await ask(CREATE, { name: 'A', campaign: missing })).data?.['createAgency'].errors).toEqual([
      { code: 'NOT_FOUND', field: ['input', 'campaignId'] },
    ])
    expect((await ask(CREATE, { name: ' ', campaign: campaign.id })).data?.['createAgency'].errors).toMatchObject([{ code: 'INVALID' }])
  })

  it('is cached: the second read is a hit, and a write makes the next read a miss.', async () => {
    const query = '{ agencies(first: 7) { nodes { name } } }'
    const read = async () => (await gateway.ask(query)).headers.get('x-cache')
    expect([await read(), await read()]).toEqual(['MISS', 'HIT'])
    const created = await ask(CREATE, { name: 'Eastwind', campaign: campaign.id })
    const after = await ask(query, {}, created.token)
    expect([after.headers.get('x-cache'), after.data?.['agencies'].nodes]).toEqual(['MISS', [{ name: 'Eastwind' }]])
    // The other tests may run after this one, and begin with an empty list.
    await ask(DELETE, { id: created.data?.['createAgency'].agency.id })
  })
})

const MODULE = 'src/market/modules/agencies'
const SDL = 'schema/agencies.graphql'
const MIGRATION = guide.files.find(({ path }) => path.includes('/migrations/'))?.path ?? ''

type Change = (folder: string) => Promise<void>
const removing =
  (file: string): Change =>
  (folder) =>
    rm(join(folder, file))
const replacing =
  (file: string, from: string, to = ''): Change =>
  async (folder) => {
    const text = await readFile(join(folder, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} does not hold ${JSON.stringify(from)}.`)
    await writeFile(join(folder, file), text.replace(from, to))
  }

/** Changes that remove each piece in the last table of the page. */
const LEFT_OUT: Readonly<Record<string, Change>> = {
  'the schema': removing(SDL),
  'the migration': removing(MIGRATION),
  'a number of a migration': (folder) => rename(join(folder, MIGRATION), join(folder, dirname(MIGRATION), '0999-agencies.ts')),
  'the exported row in `entity.ts`': replacing(`${MODULE}/entity.ts`, 'export type Agency =', 'type Agency ='),
  'the table in `Tables`': replacing(`${MODULE}/entity.ts`, '    agencies: AgencyRow\n'),
  'the dimension': replacing(`${MODULE}/entity.ts`, "dimensions: ['campaign_id']", 'dimensions: []'),
  'the entity in its module': replacing(`${MODULE}/resolvers.ts`, 'entities: [agencyType]', 'entities: []'),
  'the resolver of a root field': async (folder) => {
    const path = join(folder, `${MODULE}/resolvers.ts`)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(/ {4}agency\(_root[\s\S]*?\n {4}},\n/, ''))
  },
  'the resolver of a list': replacing(`${MODULE}/resolvers.ts`, '    agencies: batched(listAgencies),\n'),
  'the resolver of the id': replacing(`${MODULE}/resolvers.ts`, "    id: (agency) => toGlobalId('Agency', agency.id),\n"),
  'the resolver of a reference': replacing(
    `${MODULE}/resolvers.ts`,
    '    campaign: (agency, _args, context, info) => loadReference(campaignType, agency.campaignId, context, info),\n',
  ),
  'the exported page in `queries.ts`': replacing(`${MODULE}/queries.ts`, 'export type AgencyConnection =', 'type AgencyConnection ='),
  '`depends`': replacing(SDL, ', depends: ["Agency[campaign_id: $args.campaignId]"]'),
  '`@listSize`': replacing(
    SDL,
    '    @listSize(assumedSize: 100, slicingArguments: ["first", "last"], slicingArgumentDefaultValue: 20, sizedFields: ["nodes", "edges"])\n',
  ),
  'the line in `index.ts`': replacing('src/market/modules/index.ts', '    agenciesModule,\n'),
}

/**
 * `npm run test:thorough -- types` removes every piece. `npm run test:system` removes two pieces, which change every
 * day.
 */
const chosen = process.env['PIECES_ALL']
  ? guide.missing
  : [0, 1].map((offset) => guide.missing[(2 * dailySeed + offset) % guide.missing.length] as MissingPiece)

describe('a piece of docs/adding-a-type.md that a developer omits', () => {
  it('is listed in the table at the end of that page.', () => {
    expect(guide.missing.map(({ piece }) => piece)).toEqual(Object.keys(LEFT_OUT))
  })

  it.each(chosen)('causes the documented error in $command: $piece', { timeout: 300_000 }, async ({ piece, command, words }) => {
    const project = await copyProject()
    onTestFinished(project.remove)
    await LEFT_OUT[piece]?.(project.path)
    const output = command === 'npm start' ? await failingStart(project.path) : await failingCommand(project.path, command)
    expect(words.length).toBeGreaterThan(0)
    for (const word of words) expect(output).toContain(word)
  })

  /** Runs the commands in the order of the page. All commands before the failing command must succeed. */
  async function failingCommand(folder: string, command: string): Promise<string> {
    if (command === 'npx tsc') expect(await execute(folder, 'npx graphql-codegen')).toMatchObject({ code: 0 })
    const { code, output } = await execute(folder, command)
    expect(code).not.toBe(0)
    return output
  }

  async function failingStart(folder: string): Promise<string> {
    const database = await createDatabase({ seed: true })
    onTestFinished(database.drop)
    const { exited, output } = await start({ DATABASE_URL: database.url }, [], folder)
    expect(await exited).toBe(1)
    return output.join('\n')
  }
})
