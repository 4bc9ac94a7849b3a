import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemEnv } from '#src/engine/cache/model/env.ts'
import { GatewayError } from '#src/errors.ts'
import { TrustedDocuments } from '#src/gateway/graphql/document/trusted/trusted-documents.ts'
import { checkWarmFile } from '#src/gateway/warming/check-warm-file.ts'
import { Replay } from '#src/gateway/warming/replay.ts'
import { parseWarmFile, readWarmFile } from '#src/gateway/warming/warm-file.ts'
import { recordedOperations } from '#src/gateway/warming/warm-operation.ts'
import { problemOfStarts, variablesAt } from '#src/gateway/warming/warm-variables.ts'
import { openWarmSchedule } from '#src/operations/warming/open-warm-schedule.ts'
import { startTinyGateway } from '../graphql/tiny-gateway.ts'

const now = Date.parse('2026-03-18T14:25:10.500Z') // a Wednesday

let gateway: Awaited<ReturnType<typeof startTinyGateway>>

beforeAll(async () => {
  gateway = await startTinyGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** Reads a file of this text and checks it against the schema of the tiny gateway. */
async function check(text: string) {
  const { schema } = gateway.endpoint.gateway
  return checkWarmFile('warm.graphql', parseWarmFile(text, 'warm.graphql'), { schema, replay: new Replay(gateway.endpoint.execution), now })
}

const linesOf = (text: string): Promise<readonly string[]> =>
  check(text).then(
    () => [],
    (error: unknown) => {
      expect(error).toBeInstanceOf(GatewayError)
      expect(error).toMatchObject({ code: 'CONFIGURATION' })
      return (error as Error).message.split('\n')
    },
  )

describe('A file of queries to be warmed', () => {
  it('is expanded to one operation for each tenant, role and set of variables, without @warm and without unused fragments', async () => {
    const [operation, words] = await check(`
      query Inbox($folder: String) @warm(cron: "0 7 * * 1-5", timeZone: "Europe/Berlin", tenants: ["t1", "t2"], roles: [VIEWER, ADMIN],
        variables: [{ folder: "in" }, {}]) { notes(folder: $folder) { ...List } }
      fragment Unused on Note { text }
      fragment List on NoteList { nodes { ...One } }
      fragment One on Note { id }
      query Words @warm { words { nodes { name } } }
    `)
    expect(operation).toMatchObject({ name: 'Inbox', times: { cron: '0 7 * * 1-5', timeZone: 'Europe/Berlin' } })
    expect(operation?.document).not.toMatch(/@warm|Unused/)
    expect(operation?.document).toMatch(/fragment List[\s\S]*fragment One/)
    const recorded = operation ? recordedOperations(operation, [], now) : []
    expect(recorded.map(({ tenant, role, variables }) => [tenant, role, variables])).toEqual([
      ['t1', 'VIEWER', { folder: 'in' }],
      ['t1', 'VIEWER', {}],
      ['t1', 'ADMIN', { folder: 'in' }],
      ['t1', 'ADMIN', {}],
      ['t2', 'VIEWER', { folder: 'in' }],
      ['t2', 'VIEWER', {}],
      ['t2', 'ADMIN', { folder: 'in' }],
      ['t2', 'ADMIN', {}],
    ])
    expect(words && recordedOperations(words, ['t1'], now)).toMatchObject([{ tenant: null, role: null, variables: {} }])
  })

  it('can name all active tenants by the word ACTIVE', async () => {
    const [operation] = await check('query All @warm(tenants: ACTIVE) { notes { nodes { id } } }')
    expect(operation && recordedOperations(operation, ['t1', 't9'], now).map(({ tenant }) => tenant)).toEqual(['t1', 't9'])
  })

  it.each([
    ['is no GraphQL', 'query Words @warm {\n  words {', 'warm.graphql:2: expected GraphQL, got: Syntax Error'],
    ['has no query', 'fragment One on Note { id }', 'warm.graphql:1: expected at least one query with @warm, got none. Add one.'],
    [
      'defines types',
      'type Foo { id: ID } query Words @warm { words { nodes { name } } }',
      'warm.graphql:1: expected queries and fragments, got a definition of the schema. Remove it.',
    ],
    ['has a mutation', '\nmutation Set @warm { setText(id: 1, text: "a") { id } }', 'warm.graphql:2: mutation Set: expected a query'],
    ['has a query without a name', 'query @warm { words { nodes { name } } }', 'query (without a name): expected a name. Write one'],
    ['has a query without @warm', 'query Words { words { nodes { name } } }', 'query Words: expected @warm, got none. Add @warm(cron:'],
    [
      'names an argument that @warm does not have',
      'query Words @warm(every: "1h") { words { nodes { name } } }',
      'query Words: expected an argument of @warm (cron, timeZone, tenants, roles, variables), got every. Remove it.',
    ],
    ['has a wrong cron pattern', 'query Words @warm(cron: "61 * * * *") { words { nodes { name } } }', 'got "61 * * * *" in "UTC" ('],
    ['has a cron pattern that never comes', 'query Words @warm(cron: "0 0 30 2 *") { words { nodes { name } } }', 'that has a next time'],
    [
      'has a wrong time zone',
      'query Words @warm(cron: "0 * * * *", timeZone: "Europe/Atlantis") { words { nodes { name } } }',
      'query Words: expected a cron pattern such as "0 7 * * 1-5" and a time zone such as "Europe/Berlin", got "0 * * * *" in "Europe/Atlantis"',
    ],
    ['has a wrong tenant', 'query All @warm(tenants: ["No tenant"]) { notes { nodes { id } } }', 'expected tenants to be ACTIVE or a list'],
    ['has a wrong role', 'query All @warm(tenants: ACTIVE, roles: [OPERATOR]) { notes { nodes { id } } }', 'list of VIEWER, EDITOR, ADMIN'],
    [
      'has a wrong start of a period',
      'query All($folder: String) @warm(tenants: ACTIVE, variables: { folder: { startOf: YEAR } }) { notes(folder: $folder) { nodes { id } } }',
      'expected startOf to be HOUR, DAY, WEEK, MONTH, got "YEAR". Write one of them.',
    ],
    [
      'asks for a field that the schema does not have',
      'query All @warm(tenants: ACTIVE) {\n  notes {\n    nodes { id xyz }\n  }\n}',
      'warm.graphql:3: query All: expected a query that is valid for the schema, got: Cannot query field "xyz" on type "Note". Correct it.',
    ],
    [
      'gives variables that do not fit',
      'query One($id: ID!) @warm(tenants: ACTIVE) { note(id: $id) { text } }',
      'query One: expected variables that fit, got: Variable "$id" of required type "ID!" was not provided. Correct them in @warm.',
    ],
    [
      'gives variables that the query does not declare',
      'query All @warm(tenants: ACTIVE, variables: { folder: "in" }) { notes { nodes { id } } }',
      'query All: expected variables that the query declares, got folder. Declare it, or remove it from @warm.',
    ],
    [
      'asks for data of tenants without naming them',
      'query All @warm { notes { nodes { id } } }',
      'query All: expected tenants, because it reads data of tenants. Add tenants: ACTIVE, or a list of tenants, to @warm.',
    ],
    [
      'asks for a field that a role may not select',
      'query All @warm(tenants: ACTIVE, roles: [ADMIN, VIEWER]) {\n  revenue\n}',
      'warm.graphql:2: query All: expected fields that VIEWER may select, got revenue, which requires ADMIN.',
    ],
    [
      'asks for what differs by user',
      'query Mine @warm(tenants: ACTIVE) { greeting }',
      'query Mine: expected a query that can be warmed, got: its response depends on the user',
    ],
    ['asks for what is never cached', 'query Now @warm(tenants: ACTIVE) { clearance }', 'got: its response is never cached'],
  ])('is refused with file, line, query and remedy if it %s', async (_, text, expected) => {
    const lines = await linesOf(text)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^warm\.graphql:\d+: /)
    expect(lines[0]).toContain(expected)
  })

  it('may contain queries that are not trusted documents, because an operator wrote the file', async () => {
    const trusted = new TrustedDocuments({ file: 'documents.json', documents: new Map(), exclusive: true })
    await using strict = await startTinyGateway({ trusted })
    const replay = new Replay(strict.endpoint.execution)
    const placed = parseWarmFile('query Words @warm { words { nodes { name } } }', 'warm.graphql')
    const [operation] = checkWarmFile('warm.graphql', placed, { schema: strict.endpoint.gateway.schema, replay, now })
    const [recorded] = operation ? recordedOperations(operation, [], now) : []
    if (!recorded) throw new Error('Expected an operation.')
    expect(await replay.replay(recorded)).toEqual({ name: 'executed' })
    expect(await replay.replay({ ...recorded, isTrusted: false })).toMatchObject({ name: 'refused' })
  })

  it('is refused with all of its problems, in the order of its lines', async () => {
    const lines = await linesOf('query A { words { nodes { name } } }\nquery A @warm { words { nodes { name } } }\nquery @warm { words }')
    expect(lines.map((line) => line.slice(0, 27))).toEqual([
      'warm.graphql:1: query A: ex',
      'warm.graphql:2: query A: ex',
      'warm.graphql:3: query (with',
    ])
  })

  it('is refused if it cannot be read', async () => {
    await expect(readWarmFile('/nowhere/warm.graphql')).rejects.toThrow(
      '/nowhere/warm.graphql: expected a file that can be read, got ENOENT. Correct its path.',
    )
  })
})

describe('The file of the dashboards', () => {
  it('is skipped with a warning if the gateway cannot execute the queries, for example because of a configured limit', async () => {
    const failures: unknown[] = []
    await openWarmSchedule({
      file: undefined,
      dashboards: true,
      graphql: gateway.endpoint,
      redis: undefined,
      prefix: 'test',
      warmUp: { start: () => Promise.reject(new Error('Expected no run.')) },
      activeTenants: async () => [],
      env: systemEnv,
      onFailed: (error) => failures.push(error),
    })
    expect(failures).toEqual([expect.objectContaining({ message: expect.stringContaining('dashboards.graphql:') })])
  })
})

describe('A variable that is the start of a period, such as { startOf: DAY, shift: -1 },', () => {
  it.each([
    [{ startOf: 'HOUR' }, '2026-03-18T14:00:00.000Z'],
    [{ startOf: 'HOUR', shift: -15 }, '2026-03-17T23:00:00.000Z'],
    [{ startOf: 'DAY' }, '2026-03-18T00:00:00.000Z'],
    [{ startOf: 'WEEK' }, '2026-03-16T00:00:00.000Z'],
    [{ startOf: 'WEEK', shift: 1 }, '2026-03-23T00:00:00.000Z'],
    [{ startOf: 'MONTH' }, '2026-03-01T00:00:00.000Z'],
    [{ startOf: 'MONTH', shift: -3 }, '2025-12-01T00:00:00.000Z'],
  ])('has a time in UTC as its value, at any depth: %o', (start, expected) => {
    expect(variablesAt({ from: start, filter: { in: [start, 1, null, 'x'] } }, now)).toEqual({
      from: expected,
      filter: { in: [expected, 1, null, 'x'] },
    })
  })

  it('is rejected if `shift` is not a whole number or if the object has other properties', () => {
    expect(problemOfStarts({ from: { startOf: 'DAY', shift: 0.5 } })).toContain('expected shift to be a whole number')
    expect(problemOfStarts([{ startOf: 'DAY', end: true }])).toContain('got end beside them. Remove it.')
    expect(problemOfStarts({ first: 20, tlds: ['com'], after: null })).toBeUndefined()
  })
})
