import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from '../modules/scratch-database.ts'

let scratch: ScratchDatabase
let ours: Market
let theirs: Market
let theirCall = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
  ours = await addMarket(scratch.db, 'ours')
  theirs = await addMarket(scratch.db, 'theirs')
  theirCall = await addCall(scratch.db, theirs)
  await sql`insert into domains (tenant_id, campaign_id, name, sld, tld, terms, score) values ('theirs', ${theirs.campaignId}, 'a.com', 'a', 'com', '{}', 1)`.execute(
    scratch.db,
  )
  await sql`insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, expires_at)
    values ('theirs', ${theirCall}, ${theirs.campaignId}, ${theirs.buyerIds[0]}, 5, now())`.execute(scratch.db)
})

afterAll(() => scratch?.drop())

it('No row can reference a row of another tenant.', async () => {
  const ourCall = await addCall(scratch.db, ours)
  const theirBid = sql`(select id from bids where tenant_id = 'theirs')`
  const theirDomain = sql`(select id from domains where tenant_id = 'theirs')`
  const theirUser = sql`(select id from users where tenant_id = 'theirs')`
  const attempts = {
    'owner of a campaign': sql`update campaigns set owner_id = ${theirUser} where id = ${ours.campaignId}`,
    'campaign of a domain': sql`insert into domains (tenant_id, campaign_id, name, sld, tld, terms, score) values ('ours', ${theirs.campaignId}, 'b.com', 'b', 'com', '{}', 1)`,
    'campaign of a call': sql`update calls set campaign_id = ${theirs.campaignId} where id = ${ourCall}`,
    'domain of a call': sql`update calls set domain_id = ${theirDomain} where id = ${ourCall}`,
    'winner of a call': sql`update calls set winning_bid_id = ${theirBid} where id = ${ourCall}`,
    'call of a bid': sql`insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, expires_at) values ('ours', ${theirCall}, ${theirs.campaignId}, ${ours.buyerIds[0]}, 5, now())`,
    'buyer of a bid': sql`insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, expires_at) values ('ours', ${ourCall}, ${ours.campaignId}, ${theirs.buyerIds[0]}, 5, now())`,
    'campaign of an event': sql`insert into events (tenant_id, event_id, campaign_id, kind, occurred_at) values ('ours', 'e', ${theirs.campaignId}, 'CLICK', now())`,
    'tenant of a whole campaign': sql`update campaigns set tenant_id = 'theirs' where id = ${ours.campaignId}`,
  }
  for (const [what, attempt] of Object.entries(attempts))
    await expect(attempt.execute(scratch.db), what).rejects.toThrow(/violates foreign key constraint/)
})

it('A bid always belongs to the campaign of its phone call, and the winning bid of a phone call is one of the bids on that phone call.', async () => {
  const call = await addCall(scratch.db, ours)
  const other = await addCall(scratch.db, ours)
  const bid = (campaign: number) =>
    sql<{ id: number }>`insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, expires_at)
    values ('ours', ${call}, ${campaign}, ${ours.buyerIds[0]}, 5, now()) returning id`.execute(scratch.db)
  await expect(bid(ours.otherCampaignId)).rejects.toThrow(/violates foreign key constraint/)
  const { rows } = await bid(ours.campaignId)
  await expect(sql`update calls set winning_bid_id = ${rows[0]?.id} where id = ${other}`.execute(scratch.db)).rejects.toThrow(/foreign key/)
  await sql`update calls set winning_bid_id = ${rows[0]?.id} where id = ${call}`.execute(scratch.db)
  await sql`delete from bids where id = ${rows[0]?.id}`.execute(scratch.db)
  expect((await sql`select winning_bid_id from calls where id = ${call}`.execute(scratch.db)).rows).toEqual([{ winningBidId: null }])
})

it('A domain name is live at most once across all tenants.', async () => {
  await sql`update domains set status = 'LIVE' where name = 'a.com'`.execute(scratch.db)
  const insert = (status: string) =>
    sql`insert into domains (tenant_id, campaign_id, name, sld, tld, terms, score, status)
    values ('ours', ${ours.campaignId}, 'a.com', 'a', 'com', '{}', 1, ${status})`.execute(scratch.db)
  await expect(insert('LIVE')).rejects.toThrow(/domains_live_name/)
  await insert('GENERATED')
})
