import { describe, expect, it } from 'vitest'
import { at, startTinyGateway, viewer } from './tiny-gateway.ts'

const QUERY = '{ clearance note(id: 1) { text length } greeting }'

async function start() {
  const gateway = await startTinyGateway()
  gateway.store.put({ id: 1, tenantId: 'acme', folder: 'a', text: 'hello' })
  return gateway
}

describe('a query with a @strict field', () => {
  it('bypasses the cache, reads everything from one database snapshot, and is not stored', async () => {
    await using gateway = await start()
    const asking = { viewer: viewer('acme') }
    for (let round = 1; round <= 2; round++) {
      await gateway.ask('{ note(id: 1) { text length } greeting }', asking)
      gateway.store.loads.length = 0
      const answer = await gateway.ask(QUERY, asking)
      expect(answer.data).toEqual({ clearance: 'cleared by acme', note: { text: 'hello', length: 5 }, greeting: 'hello u1' })
      expect(gateway.store.loads.map(({ name }) => name).toSorted()).toEqual(['Note', 'clearance', 'greeting', 'length'])
      expect(gateway.store.loads.every(({ read }) => read.db === gateway.snapshotDb)).toBe(true)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(gateway.snapshots).toMatchObject({ opened: round, ended: round })
    }
  })

  it('explains in its debug output why nothing was cached', async () => {
    await using gateway = await start()
    const { extensions } = await gateway.ask(QUERY, { viewer: viewer('acme'), debug: true, headers: { 'x-cache-debug': '1' } })
    const reasons = (at(extensions, 'cache', 'fields') as { policy: string; reason?: string }[]).map(({ policy, reason }) => [
      policy,
      reason,
    ])
    expect(reasons).toContainEqual(['Note', 'the query asks for a field that is @strict'])
  })

  it('fails with UNAVAILABLE and without internal details if no database snapshot can be opened', async () => {
    await using gateway = await start()
    gateway.snapshots.fails = true
    const { errors, status } = await gateway.ask(QUERY, { viewer: viewer('acme') })
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['UNAVAILABLE'])
    expect(status).toBe(503)
    expect(JSON.stringify(errors)).not.toContain('ECONNREFUSED')
  })

  it('releases its snapshot if a field fails', async () => {
    await using gateway = await start()
    await gateway.ask('{ clearance fails(how: "sql") }', { viewer: viewer('acme') })
    expect(gateway.snapshots).toMatchObject({ opened: 1, ended: 1 })
  })

  it('does not affect the caching of other queries', async () => {
    await using gateway = await start()
    await gateway.ask('{ note(id: 1) { text } }', { viewer: viewer('acme') })
    await gateway.ask('{ note(id: 1) { text } }', { viewer: viewer('acme') })
    expect(gateway.store.loadsOf('Note')).toBe(1)
    expect(gateway.snapshots.opened).toBe(0)
  })
})
