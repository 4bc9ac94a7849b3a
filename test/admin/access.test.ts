import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorCodes } from '#src/errors.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { ApiClient } from '#src/operations/cli/api-client.ts'
import { experiments } from '#src/operations/cli/commands/experiments.ts'
import { runWithClient } from '../cli/run-with-client.ts'
import { type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { pathOf, QUERY, type ValidCall, validCalls } from './calls.ts'
import { type Answer, call, type Json, type Members, operator, twoTenants } from './management.ts'
import { openApiJudge } from './open-api.ts'

let database: TestDatabase
let gateway: Gateway
let own: Members
let other: Members
let calls: readonly ValidCall[]
let judge: Awaited<ReturnType<typeof openApiJudge>>

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  ;[own, other] = await twoTenants(database)
  calls = validCalls(own)
  gateway = await startGateway({ DATABASE_URL: database.url, MANAGEMENT_RATE_LIMIT: '0' })
  judge = await openApiJudge((await call(gateway.url, 'GET', '/openapi.json', null)).body)
})
afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

const send = (method: string, path: string, caller: Principal | null, body?: Json) => call(gateway.url, method, path, caller, body)

/** Facts that change when an endpoint does something. */
async function facts(): Promise<Json> {
  await database.query('select cache.publish()')
  const [log] = await database.query('select max(seq) as seq from cache.log')
  const [policies] = await database.query('select changes from cache_policy_version')
  const [started] = await database.query('select count(*) as experiments from cache_experiments')
  return { log: log?.['seq'], policies: policies?.['changes'], ...started }
}

/** Expects that the calls change nothing, and that each has a row in the audit log with the code of its error. */
async function expectNothingDone(work: () => Promise<readonly Answer[]>): Promise<void> {
  const before = await facts()
  const [last] = await database.query('select coalesce(max(id), 0) as id from cache_audit_log')
  const answers = await work()
  expect(await facts()).toEqual(before)
  const rows = await database.query('select outcome from cache_audit_log where id > $1 order by id', [last?.['id']])
  expect(rows.map(({ outcome }) => outcome)).toEqual(answers.map(({ code }) => code))
}

describe('the management API', () => {
  it('has a valid call for each of its endpoints in this test.', () => {
    expect(calls.map((one) => `${one.method} ${pathOf(one)}`).sort()).toEqual(judge.operations)
  })

  it('is described by a valid OpenAPI 3.1 document, which anybody may read.', () => {
    expect(judge.problems).toEqual([])
    expect(judge.operations.length).toBeGreaterThan(10)
  })

  const strangers: readonly (readonly [string, () => Principal | null, number, string])[] = [
    ['a caller without a token', () => null, 401, 'UNAUTHENTICATED'],
    ['a VIEWER', () => own.member('VIEWER'), 403, 'FORBIDDEN'],
    ['an EDITOR', () => own.member('EDITOR'), 403, 'FORBIDDEN'],
  ]
  it.each(strangers)('refuses %s at each endpoint, records the call and does nothing.', async (_, caller, status, code) => {
    await expectNothingDone(async () => {
      const answers: Answer[] = []
      for (const { method, path, body } of calls) answers.push(await send(method, path, caller(), body))
      expect(answers.map((answer) => [answer.status, answer.code])).toEqual(answers.map(() => [status, code]))
      return answers
    })
  })

  it('lets an ADMIN name no other tenant: nothing is done.', async () => {
    await expectNothingDone(async () => {
      const answers: Answer[] = []
      for (const one of calls) {
        const foreign = one.foreign?.(other.tenant)
        if (!foreign) continue
        const { search = '', body } = foreign
        const answer = await send(one.method, pathOf(one) + search, own.admin, body)
        const expected = pathOf(one) === '/clear-all' ? [400, 'NOT_CONFIRMED'] : [403, 'FORBIDDEN']
        expect([pathOf(one), answer.status, answer.code]).toEqual([pathOf(one), ...expected])
        answers.push(answer)
      }
      expect(answers.length).toBeGreaterThan(8)
      return answers
    })
  })

  it('lets an ADMIN call only the endpoints that concern one tenant.', async () => {
    await expectNothingDone(async () => {
      const answers = await Promise.all(
        calls.filter(({ isForOperators }) => isForOperators).map(({ method, path, body }) => send(method, path, own.admin, body)),
      )
      expect(answers.map(({ code }) => code)).toEqual(answers.map(() => 'FORBIDDEN'))
      return answers
    })
  })

  it('answers valid calls of an ADMIN and of an OPERATOR as the OpenAPI document says.', async () => {
    for (const one of calls)
      for (const caller of one.isForOperators ? [operator] : [own.admin, operator]) {
        const { status, body } = await send(one.method, one.path, caller, one.body)
        expect([one.path, status, judge.problemsOfAnswer(one.method, pathOf(one), body)]).toEqual([one.path, 200, []])
      }
  })

  it('lists no data of another tenant to an ADMIN.', async () => {
    for (const { admin } of [own, other]) await gateway.ask(QUERY, { principal: admin })
    const tags = (await send('GET', '/tags?limit=1000', own.admin)).body.tags.map(({ tag }: Json) => tag)
    expect(tags.length).toBeGreaterThan(3)
    expect(tags.filter((tag: string) => tag !== own.tenant && !tag.startsWith(`${own.tenant}:`))).toEqual([])
    const all = (await send('GET', '/tags?limit=1000', operator)).body.tags.map(({ tag }: Json) => tag)
    expect(all).toContain(`${other.tenant}:Campaign[]`)
    const rows = (await send('GET', '/audit?limit=500', own.admin)).body.rows
    expect(new Set(rows.map(({ tenant }: Json) => tenant))).toEqual(new Set([own.tenant]))
    const everyone = (await send('GET', '/audit?limit=500', operator)).body.rows
    expect(new Set(everyone.map(({ tenant }: Json) => tenant)).size).toBeGreaterThan(1)
  })

  it('shows cached values to the ADMIN of the tenant only.', async () => {
    await gateway.ask(QUERY, { principal: own.admin })
    const { body } = await send('POST', '/key/explain', own.admin, { operation: { query: QUERY, role: 'ADMIN' } })
    const path = `/key?key=${encodeURIComponent(body.answer.key)}`
    const shown = (await send('GET', path, own.admin)).body
    expect(shown).toMatchObject({ isRedacted: false, value: { data: { campaigns: { nodes: expect.any(Array) } } } })
    const redacted = (await send('GET', path, operator)).body
    expect(redacted).toMatchObject({ isRedacted: true, memory: { isServed: true } })
    expect(redacted).not.toHaveProperty('value')
    expect((await send('GET', path, other.admin)).code).toBe('FORBIDDEN')
  })

  it('stores who called what, but no value of a variable.', async () => {
    const query = 'query One($id: ID!) { campaign(id: $id) { id } }'
    await send('POST', '/key/explain', own.admin, { operation: { query, variables: { id: 'canary-value' } } })
    const { rows } = (await send('GET', '/audit?limit=2', own.admin)).body
    expect(rows[1]).toMatchObject({
      tenant: own.tenant,
      userId: own.admin.userId,
      role: 'ADMIN',
      endpoint: 'POST /key/explain',
      outcome: 'ok',
      address: expect.stringMatching(/127\.0\.0\.1/),
    })
    expect(rows[1].arguments.operation.variables).toEqual({ id: '(redacted)' })
    expect(JSON.stringify(await database.query('select * from cache_audit_log'))).not.toContain('canary-value')
  })
})

describe('an experiment', () => {
  /** Runs the command line against the gateway. */
  async function tidegate(...args: string[]) {
    return runWithClient(new ApiClient({ url: gateway.url, token: await tokenFor(operator), fetch }), experiments, args)
  }
  const RENAME = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { message } } }'
  const list = async () =>
    (await gateway.ask('{ campaigns(first: 20) { nodes { id name version status } } }', { principal: own.admin })).data?.['campaigns'].nodes

  it('is started, shown and stopped by the command line, serves a new value after each write, and leaves its result.', async () => {
    const started = await tidegate('start', 'Campaign', '--set', 'l1=30', '--set', 'l2=300', '--lead-in', '0', '--reason', 'less memory')
    expect(started).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Started on 1 process\.\n\nCampaign \(experiment \d+, running: trial\)/),
    })
    const campaigns = (await list()).filter(({ status }: Json) => status !== 'ARCHIVED')
    expect(campaigns.length).toBeGreaterThan(8)
    for (const { id, version } of campaigns) {
      const variables = { input: { id, version, name: `trial ${id}` } }
      const { data, token } = await gateway.ask(RENAME, { principal: own.admin, variables })
      expect([data?.['updateCampaign'].errors, token]).toEqual([[], expect.any(String)])
    }
    const renamed = (await list()).filter(({ status }: Json) => status !== 'ARCHIVED')
    expect(renamed.map(({ name }: Json) => name)).toEqual(campaigns.map(({ id }: Json) => `trial ${id}`))
    const refused = await tidegate('start', 'Campaign', '--set', 'l1=20')
    expect(refused).toMatchObject({ code: 2, errors: expect.stringContaining('an experiment runs on "Campaign" already: stop it first.') })
    expect((await send('POST', '/policies', operator, { set: [{ coordinate: 'Campaign', values: { l1: 9 } }] })).item).toBe('set[0]')
    expect((await tidegate('stop', 'Campaign', '--reason', 'seen enough')).code).toBe(0)
    const { keys } = (await send('GET', `/keys?limit=500&prefix=${own.tenant}:Campaign`, operator)).body
    expect(new Set(keys.map(({ policy }: Json) => policy))).toEqual(new Set(['Campaign']))
    expect((await send('GET', `/key?key=${encodeURIComponent(keys[0].key)}`, operator)).body.policy).toBe('Campaign')
    const { output } = await tidegate('--limit', '1')
    expect(output).toMatch(/ended .* by ops of operations: seen enough\n {2}reads +0 in the lead-in of 0 h, [1-9]\d* since\n {2}hit rate/)
    const { body } = await send('GET', '/experiments?limit=1', operator)
    expect(judge.problemsOfAnswer('GET', '/experiments', body)).toEqual([])
    const [{ comparison, reads }] = body.experiments
    expect(comparison.control.reads + comparison.trial.reads).toBe(reads.trial)
    const { marks } = (await send('GET', '/series?window=1h&step=minute', operator)).body
    expect(marks.map(({ kind, text }: Json) => [kind, text])).toEqual(
      expect.arrayContaining([
        ['policy', 'Start of an experiment on Campaign (less memory).'],
        ['policy', 'End of the experiment on Campaign (seen enough).'],
      ]),
    )
    const { rows } = (await send('GET', '/audit?endpoint=POST%20%2Fexperiments', operator)).body
    expect(rows[0]).toMatchObject({ arguments: { coordinate: 'Campaign', values: { l1: 20 } }, outcome: 'BAD_USER_INPUT' })
  })

  it.each<[string, Json, string]>([
    ['on a field without @cache', { coordinate: 'Query.none', values: { l1: 1 } }, 'coordinate'],
    ['whose coordinate has a control character', { coordinate: 'Buyer\u0000', values: { l1: 1 } }, 'coordinate'],
    ['that changes only what browsers may keep', { coordinate: 'Buyer', values: { browser: 7 } }, 'values'],
    ['without a change', { coordinate: 'Buyer', values: {} }, 'values'],
    ['whose values contradict each other', { coordinate: 'Buyer', values: { l1: 100_000 } }, 'values'],
    ['for all keys', { coordinate: 'Buyer', values: { l1: 1 }, share: 1 }, 'share'],
    ['with a lead-in of half an hour', { coordinate: 'Buyer', values: { l1: 1 }, leadInHours: 0.5 }, 'leadInHours'],
    ['with an unknown setting', { coordinate: 'Buyer', values: { l1: 1 }, days: 1 }, 'days'],
  ])('%s is refused, and nothing is done.', async (_, body, item) => {
    await expectNothingDone(async () => {
      const answer = await send('POST', '/experiments', operator, body)
      expect([answer.code, answer.item]).toEqual(['BAD_USER_INPUT', item])
      return [answer]
    })
  })
})

it('An experiment on a name with a control character is refused before the database sees the name.', async () => {
  await expectNothingDone(async () => {
    const answer = await send('POST', '/experiments/stop', operator, { coordinate: 'Campaign\u0000' })
    expect([answer.status, answer.code, answer.item]).toEqual([400, 'BAD_USER_INPUT', 'coordinate'])
    return [answer]
  })
})

describe('a caller', () => {
  it('without the right role is refused after 30 calls in a minute, and then gets no further row in the audit log.', async () => {
    const stranger = other.member('VIEWER')
    const answers: Answer[] = []
    for (let attempt = 0; attempt < 33; attempt++) answers.push(await send('GET', '/policies', stranger))
    const codes = answers.map(({ code }) => code)
    expect(codes.slice(0, 30)).toEqual(Array(30).fill('FORBIDDEN'))
    expect(codes.slice(30)).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED'])
    const rows = await database.query('select 1 from cache_audit_log where tenant = $1 and role = $2', [other.tenant, 'VIEWER'])
    expect(rows).toHaveLength(30)
  })

  it('reads the page of the API without a token. Its policy allows no script and no request.', async () => {
    const response = await fetch(`${gateway.url}/api/v1/cache/docs`)
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    const html = await response.text()
    expect(html).toContain('/performance-report')
    expect(html).not.toMatch(/<script|https?:\/\/(?!localhost)|`/)
  })
})

describe('a filter', () => {
  const wrong: readonly (readonly [string, string, () => Json, string, string | undefined])[] = [
    ['without any item', '/invalidate', () => ({}), 'FILTER_EMPTY', undefined],
    ['with an empty list', '/invalidate', () => ({ tags: [] }), 'BAD_USER_INPUT', 'tags'],
    ['that is *', '/invalidate', () => ({ tags: ['*'] }), 'FILTER_TOO_BROAD', 'tags[0]'],
    ['that is the own tenant', '/invalidate', () => ({ tags: [own.tenant] }), 'FILTER_TOO_BROAD', 'tags[0]'],
    ['that is another tenant', '/invalidate', () => ({ tags: [other.tenant] }), 'FORBIDDEN', 'tags[0]'],
    ['with a pattern *', '/invalidate', () => ({ pattern: '*' }), 'FILTER_TOO_BROAD', 'pattern'],
    ['with a pattern **', '/invalidate', () => ({ pattern: '**' }), 'FILTER_TOO_BROAD', 'pattern'],
    ['with a pattern that is an expression', '/invalidate', () => ({ pattern: '(a+)+$' }), 'BAD_USER_INPUT', 'pattern'],
    ['with a pattern that matches nothing', '/invalidate', () => ({ pattern: 'Nothing*' }), 'BAD_USER_INPUT', 'pattern'],
    ['with an unknown table', '/invalidate', () => ({ table: 'pg_authid' }), 'BAD_USER_INPUT', 'table'],
    ['with a table of no tenant', '/invalidate', () => ({ table: 'tlds' }), 'FORBIDDEN', 'table'],
    ['with a key of another tenant', '/invalidate', () => ({ key: `${other.tenant}:Buyer:["1"]` }), 'FORBIDDEN', 'key'],
    ['with a key of the public tenant', '/key/delete', () => ({ key: 'public:Buyer:["1"]' }), 'FORBIDDEN', 'key'],
    ['with a text that is no key', '/key/delete', () => ({ key: own.tenant }), 'BAD_USER_INPUT', 'key'],
    [
      'whose third tag is of another tenant',
      '/invalidate',
      () => ({ tags: [`${own.tenant}:Buyer:1`, `${own.tenant}:Buyer:2`, `${other.tenant}:Buyer:3`] }),
      'FORBIDDEN',
      'tags[2]',
    ],
    ['whose second tag is a number', '/invalidate', () => ({ tags: [`${own.tenant}:Buyer:1`, 2] }), 'BAD_USER_INPUT', 'tags[1]'],
    ['whose second tag has no tenant', '/invalidate', () => ({ tags: [`${own.tenant}:Buyer:1`, ':Buyer:2'] }), 'BAD_USER_INPUT', 'tags[1]'],
    ['whose tag has a NUL', '/invalidate', () => ({ tags: [`${own.tenant}:Buyer:\0`] }), 'BAD_USER_INPUT', 'tags[0]'],
    ['with a reason of two lines', '/invalidate', () => ({ tags: [`${own.tenant}:Buyer:1`], reason: 'a\nb' }), 'BAD_USER_INPUT', 'reason'],
    ['with an unknown name', '/invalidate', () => ({ tag: `${own.tenant}:Buyer:1` }), 'BAD_USER_INPUT', 'tag'],
    ['without a confirmation', '/clear-all', () => ({ confirm: '' }), 'NOT_CONFIRMED', 'confirm'],
    ['that confirms all as an ADMIN', '/clear-all', () => ({ confirm: 'all' }), 'FORBIDDEN', 'confirm'],
    ['of an empty namespace', '/namespaces', () => ({ namespace: {} }), 'FILTER_EMPTY', 'namespace'],
    ['of all namespaces as an ADMIN', '/namespaces', () => ({ namespace: { all: true } }), 'FORBIDDEN', 'namespace.all'],
    ['of an unknown type', '/namespaces', () => ({ namespace: { type: 'Nothing' } }), 'BAD_USER_INPUT', 'namespace.type'],
    [
      'whose second operation is no query',
      '/warm',
      () => ({ operations: [{ query: QUERY }, { query: 'mutation { refreshAnalytics { correctedRows } }' }] }),
      'BAD_USER_INPUT',
      'operations[1]',
    ],
    [
      'whose second operation is of another tenant',
      '/warm',
      () => ({ operations: [{ query: QUERY }, { query: QUERY, tenant: other.tenant }] }),
      'FORBIDDEN',
      'operations[1].tenant',
    ],
    ['with neither operations nor a number', '/warm', () => ({}), 'BAD_USER_INPUT', undefined],
  ]

  it.each(wrong)('%s at %s is refused, names the wrong item and does nothing.', async (_, path, body, code, item) => {
    await expectNothingDone(async () => {
      const answer = await send('POST', path, own.admin, body())
      expect([answer.code, answer.item]).toEqual([code, item])
      expect(answer.status).toBe(errorCodes[answer.code as keyof typeof errorCodes].status)
      return [answer]
    })
  })

  it('of policies with a wrong second item is refused, names it and changes nothing.', async () => {
    for (const [body, item] of [
      [
        {
          set: [
            { coordinate: 'Buyer', values: { l1: 9 } },
            { coordinate: 'Nothing', values: { l1: 9 } },
          ],
        },
        'set[1]',
      ],
      [
        {
          set: [
            { coordinate: 'Buyer', values: { l1: 9 } },
            { coordinate: 'Campaign', values: { l1: -1 } },
          ],
        },
        'set[1]',
      ],
      [{ set: [{ coordinate: 'Buyer', values: { l1: 9 } }], reset: ['Campaign'] }, 'reset[0]'],
    ] as const)
      await expectNothingDone(async () => {
        const answer = await send('POST', '/policies', operator, body)
        expect([answer.code, answer.item]).toEqual(['BAD_USER_INPUT', item])
        return [answer]
      })
  })

  it('of the audit log or the invalidations with a NUL is refused, because PostgreSQL stores no such text.', async () => {
    for (const name of ['userId', 'endpoint', 'outcome']) {
      const answer = await send('GET', `/audit?${name}=a%00b`, own.admin)
      expect([answer.status, answer.code, answer.item]).toEqual([400, 'BAD_USER_INPUT', name])
    }
    expect((await send('GET', '/invalidations?cause=%00', own.admin)).code).toBe('BAD_USER_INPUT')
  })

  it('of an OPERATOR that selects everything is refused, too.', async () => {
    for (const body of [{ pattern: '*' }, { tags: ['*'] }, { tags: [own.tenant] }, {}])
      await expectNothingDone(async () => {
        const answer = await send('POST', '/invalidate', operator, body)
        expect(answer.code).toMatch(/^FILTER_/)
        return [answer]
      })
  })

  it('provokes each code of the management API.', () => {
    const own = Object.entries(errorCodes).filter(([, entry]) => 'origin' in entry && entry.origin === 'management')
    expect(own.map(([code]) => code).filter((code) => !wrong.some((one) => one[3] === code))).toEqual([])
  })
})

describe('a request that is no call', () => {
  it.each([
    ['of another type', { 'content-type': 'text/plain' }, '{}', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['of a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'confirm=acme', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['without a type', {}, '{}', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['that is no JSON', { 'content-type': 'application/json' }, '{', 400, 'BAD_REQUEST'],
    ['that would change the prototype', { 'content-type': 'application/json' }, '{"__proto__":{"tags":["x"]}}', 400, 'BAD_REQUEST'],
    ['that is a list', { 'content-type': 'application/json' }, '[]', 400, 'BAD_USER_INPUT'],
  ])('has a body %s and is refused.', async (_, headers, body, status, code) => {
    const { tokenFor } = await import('../e2e/gateway.ts')
    await expectNothingDone(async () => {
      const response = await fetch(`${gateway.url}/api/v1/cache/invalidate`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${await tokenFor(own.admin)}` },
        body: Buffer.from(body),
      })
      const answer = { status: response.status, code: ((await response.json()) as Json).errors[0].extensions.code } as Answer
      expect([answer.status, answer.code]).toEqual([status, code])
      return [answer]
    })
  })

  it('comes from a page of another origin: the browser gets no permission to send it.', async () => {
    const response = await fetch(`${gateway.url}/api/v1/cache/clear-all`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://studio.apollographql.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([405, null])
    const { headers } = await send('GET', '/policies', own.admin)
    expect([headers.get('access-control-allow-origin'), headers.get('cache-control')]).toEqual([null, 'no-store'])
  })

  it('names an unknown path or a method that the path does not have.', async () => {
    expect((await send('GET', '/nothing', own.admin)).code).toBe('NOT_FOUND')
    const { code, headers } = await send('DELETE', '/policies', own.admin)
    expect([code, headers.get('allow')]).toEqual(['METHOD_NOT_ALLOWED', 'GET, POST'])
  })
})
