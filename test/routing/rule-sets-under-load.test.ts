import type { KyselyPlugin, QueryResult, UnknownRow } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localId, toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { RuleSetDocument } from '#src/market/rules/compliance/rule-set-document.ts'
import { MapTier } from '../cache/instance.ts'
import { dailySeed } from '../daily-seed.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { addCallMarket, type CallMarket, numberOf, setBuyer } from './call-market.ts'

type Gateway = Awaited<ReturnType<typeof startMarketGateway>>

const PUBLICATIONS = 3
/** Pings that each instance decides at the same time. */
const LANES = 2
/** Sources of calls, as pings name them. Each rule set refuses one of these. */
const KINDS = ['a', 'b', 'c']
const PING = `mutation ($input: PingCallInput!) { pingCall(input: $input) { decision { outcome ruleSetId } errors { message } } }`
const DRAFT = 'mutation ($input: SaveRuleSetDraftInput!) { saveRuleSetDraft(input: $input) { ruleSet { id version } errors { message } } }'
const PUBLISH = 'mutation ($input: PublishRuleSetInput!) { publishRuleSet(input: $input) { ruleSet { status } errors { message } } }'

/** Numbers of the events before and after an operation. A lower number is earlier. */
interface Span {
  readonly beganAt: number
  readonly endedAt: number
}

interface Decision extends Span {
  readonly kind: string
  readonly outcome: string
  readonly ruleSetId: number
}

/**
 * Publishes rule sets on two instances in turn while both decide pings. @returns the decisions, and what is wrong with them.
 * @param isFlawed Whether pings may end with an error.
 */
async function publishUnderLoad(scratch: ScratchDatabase, market: CallMarket, gateways: readonly [Gateway, Gateway], isFlawed: boolean) {
  const decisions: Decision[] = []
  const publications: (Span & { readonly id: number })[] = []
  let events = 0
  let callers = 0
  const ask = async (gateway: Gateway, query: string, input: object) => {
    const { data, errors } = await gateway.ask(market.tenant, 'ADMIN', query, { input })
    if (errors.length > 0) throw new Error(JSON.stringify(errors))
    return Object.values(data)[0] as Record<string, Record<string, unknown>>
  }
  const ping = async (gateway: Gateway) => {
    const caller = ++callers
    const kind = KINDS[caller % KINDS.length] ?? ''
    const beganAt = ++events
    const input = { campaignId: toGlobalId('Campaign', market.campaignId), caller: numberOf(caller), state: 'CA', subId: kind }
    const answer = await ask(gateway, PING, input).catch((error: unknown) => {
      if (!isFlawed) throw error
    })
    // The database reserves nothing by old rules, so a program that judges by them decides only refusals.
    if (!answer) return
    const { decision } = answer
    const ruleSetId = Number(localId(String(decision?.['ruleSetId'])))
    decisions.push({ kind, beganAt, endedAt: ++events, outcome: String(decision?.['outcome']), ruleSetId })
  }
  const publish = async (gateway: Gateway, number: number) => {
    const refuse = [{ name: 'kind', condition: { attribute: 'subId', operator: '=', value: KINDS[number % KINDS.length] } }]
    const { ruleSet } = await ask(gateway, DRAFT, { rules: { consentRequired: number % 2 === 1, refuse } })
    const beganAt = ++events
    await ask(gateway, PUBLISH, { id: ruleSet?.['id'], version: ruleSet?.['version'] })
    publications.push({ beganAt, endedAt: ++events, id: Number(localId(String(ruleSet?.['id']))) })
  }
  // No buyer runs out of room, so the rules alone decide.
  for (const id of market.buyerIds) await setBuyer(scratch, id, { max_concurrent_calls: 100_000 })
  await publish(gateways[0], 0)
  let isOver = false
  const deciding = gateways.flatMap((gateway) =>
    Array.from({ length: isFlawed ? 1 : LANES }, async () => {
      while (!isOver) await ping(gateway)
    }),
  )
  // In a broken program, a ping that the database refuses is decided again and again, which takes long.
  for (let number = 1; number <= (isFlawed ? 1 : PUBLICATIONS); number++) {
    await Promise.all(gateways.map(ping))
    await publish(gateways[number % 2 === 0 ? 0 : 1], number)
    await Promise.all(gateways.map(ping))
    if (isFlawed) await Promise.all(KINDS.map(() => ping(gateways[0])))
  }
  isOver = true
  await Promise.all(deciding)
  const stored = await scratch.db.selectFrom('complianceRuleSets').select(['id', 'document']).execute()
  const documents = new Map(stored.map(({ id, document }) => [id, document]))
  return { decisions, problems: decisions.flatMap((decision) => problemsOf(decision, publications, documents)) }
}

function problemsOf(
  { kind, outcome, ruleSetId, beganAt, endedAt }: Decision,
  publications: readonly (Span & { readonly id: number })[],
  documents: ReadonlyMap<number, RuleSetDocument>,
): readonly string[] {
  const problems: string[] = []
  const document = documents.get(ruleSetId)
  const expected = document && outcomeUnder(document, kind)
  if (outcome !== expected) problems.push(`judged by other rules: rule set ${ruleSetId} says ${expected}, the decision ${outcome}`)
  const oldest = publications.filter((publication) => publication.endedAt < beganAt).at(-1)?.id ?? 0
  const newest = publications.filter((publication) => publication.beganAt < endedAt).at(-1)?.id ?? 0
  if (ruleSetId < oldest || ruleSetId > newest)
    problems.push(`judged at the wrong time: expected a rule set from ${oldest} to ${newest}, got ${ruleSetId}`)
  return problems
}

/** Returns the outcome of a ping without consent. It reads the stored document itself, so it shares no code with the gateway. */
function outcomeUnder({ consentRequired, refuse }: RuleSetDocument, kind: string): string {
  if (consentRequired) return 'CONSENT_MISSING'
  return refuse.some(({ condition }) => 'value' in condition && condition.value === kind) ? 'RULE' : 'OFFERED'
}

/** `npm run test:thorough -- routing` runs both broken programs, `npm test` one of them, the other one on the next day. */
const isWhole = process.env['ROUTING_ALL'] === '1'

/** Changes the rows that a broken program reads from the database. */
function changing(change: (row: UnknownRow) => UnknownRow): KyselyPlugin {
  return {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }): Promise<QueryResult<UnknownRow>> => ({ ...result, rows: result.rows.map(change) }),
  }
}

/** Returns a function that keeps the first value of a column in the rows that have another column as well. */
function remembering(column: string, beside: string): (row: UnknownRow) => UnknownRow {
  let first: unknown
  return (row) => {
    if (!(beside in row) || row[column] == null) return row
    first ??= row[column]
    return { ...row, [column]: first }
  }
}

describe('Rule sets that are published on two instances while both decide pings', () => {
  let scratch: ScratchDatabase
  const gateways: Gateway[] = []
  beforeAll(async () => {
    scratch = await createScratchDatabase()
  })
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close()
    await scratch?.drop()
  })

  const run = async (tenant: string, flaw?: KyselyPlugin) => {
    const remote = new MapTier()
    const database = flaw ? { ...scratch, db: scratch.db.withPlugin(flaw) } : scratch
    const pair = await Promise.all([startMarketGateway(database, { remote }), startMarketGateway(database, { remote })])
    gateways.push(...pair)
    return publishUnderLoad(scratch, await addCallMarket(scratch, tenant), pair, flaw !== undefined)
  }

  it('judge each ping by the rule set that its decision names, and each ping after a publication by the new one.', async () => {
    const { decisions, problems } = await run('sound')
    expect(problems).toEqual([])
    expect(new Set(decisions.map(({ outcome }) => outcome))).toEqual(new Set(['OFFERED', 'RULE', 'CONSENT_MISSING']))
    expect(new Set(decisions.map(({ ruleSetId }) => ruleSetId)).size).toBe(PUBLICATIONS + 1)
  }, 60_000)

  it.each(
    [
      ['believes the version that it read first', 'ruleSetId', 'stamp', 'judged at the wrong time'],
      ['takes the content of one version for that of another', 'document', 'publishedAt', 'judged by other rules'],
    ].filter((_, index) => isWhole || index === dailySeed % 2),
  )(
    'are judged wrongly by a program that %s, and the test finds it.',
    async (name, column, beside, found) => {
      const { problems } = await run(name.replaceAll(' ', '-'), changing(remembering(column, beside)))
      expect(problems.join('\n')).toContain(found)
    },
    60_000,
  )
})
