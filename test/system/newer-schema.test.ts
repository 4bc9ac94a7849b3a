import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { start, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { makeRelease, type Patch, WITHOUT_ENDED_TOKENS, WITHOUT_REVOCATION } from './release.ts'

const QUERY = '{ campaigns(first: 1) { nodes { id name } } }'

describe('an older release that starts on the database schema of this release', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    // The migrations since 0019-routing allow no older release. Here they do, as 0011-ended-tokens to 0018-write-costs did, so that what an
    // older release does on a newer schema can be seen.
    await database.query("delete from kysely_compatibility where migration >= '0019'")
    await database.query(
      "insert into kysely_compatibility (migration, runs_with) select name, '0010-token-revocation' from kysely_migration where name >= '0019'",
    )
  })
  afterAll(() => database?.drop())

  const release = async (patches: readonly Patch[]) => {
    const { folder, remove } = await makeRelease('older', patches)
    onTestFinished(remove)
    return folder
  }

  it('starts if the newer migrations allow that, uses its cache, and rejects access tokens that were revoked by either release', async () => {
    const gateway = await startGateway({ DATABASE_URL: database.url }, await release(WITHOUT_ENDED_TOKENS))
    onTestFinished(async () => void (await gateway.stop()))
    expect(gateway.output.join('\n')).toContain('database schema is newer than this version of the gateway, but compatible with it')
    expect(await gateway.ask(QUERY)).toMatchObject({ status: 200, data: { campaigns: { nodes: [{ name: expect.any(String) }] } } })
    await expect.poll(async () => (await gateway.ask(QUERY)).headers.get('x-cache')).toBe('HIT')

    // Revokes one token as the older release does, and another token as the newer release does.
    await database.query("insert into revoked_tokens (id) values ('by-the-older')")
    await database.query("insert into revoked_tokens (id, expires_at) values ('by-the-newer', now() + interval '1 hour')")
    for (const tokenId of ['by-the-older', 'by-the-newer'])
      await expect.poll(async () => (await gateway.ask(QUERY, { tokenId })).status).toBe(401)
    expect((await gateway.ask(QUERY, { tokenId: 'another' })).status).toBe(200)
  })

  it('refuses to start if a newer migration does not allow that, and names the migration', async () => {
    const { output, exited } = await start({ DATABASE_URL: database.url }, [], await release(WITHOUT_REVOCATION))
    expect(await exited).toBe(1)
    await expect
      .poll(() => output.join('\n'))
      .toMatch(
        /tidegate: DATABASE_URL: this version does not run on the database's schema, .* \(0010-token-revocation\): start the newer version, or/,
      )
  })
})
