import { describe, expect, it } from 'vitest'
import type { CacheEvent } from '#src/engine/cache/index.ts'
import { settled } from '../cache/manual-env.ts'
import { startTinyGateway, viewer } from './tiny-gateway.ts'

const QUERY = '{ note(id: 1) { text folder } }'
const alice = viewer('acme', 'ADMIN')

async function start() {
  const events: CacheEvent[] = []
  const gateway = await startTinyGateway({ cacheOptions: { shadowRate: 1, onEvent: (event) => events.push(event) } })
  gateway.store.put({ id: 1, tenantId: 'acme', folder: 'inbox', text: 'one' })
  const ask = async (query = QUERY) => {
    const answer = await gateway.ask(query, { viewer: alice })
    await settled()
    return answer
  }
  const taken = () => {
    const all = events.splice(0)
    return {
      shadows: all.filter((event) => event.type === 'shadow').map(({ layer, outcome, paths }) => ({ layer, outcome, paths })),
      reads: all.filter((event) => event.type === 'read').map(({ layer }) => layer),
    }
  }
  return { ...gateway, ask, taken }
}

describe('Shadow mode compares a whole response', () => {
  it('with an execution past the cache in one snapshot, which is not counted as a read, and sends the same answer.', async () => {
    const { ask, taken, snapshots } = await start()
    const first = await ask()
    expect(taken().shadows).toEqual([])
    const { data, headers } = await ask()
    expect([data, headers.get('x-cache')]).toEqual([first.data, 'HIT'])
    expect(taken()).toEqual({ shadows: [{ layer: 'l1', outcome: 'equal', paths: [] }], reads: ['l1'] })
    expect(snapshots).toMatchObject({ opened: 1, ended: 1 })
  })

  it('and reports the path of a field that was changed without an invalidation, in the response and in the cached row.', async () => {
    const { ask, taken, store } = await start()
    await ask()
    store.notes[0] = { id: 1, tenantId: 'acme', folder: 'inbox', text: 'planted' }
    taken()
    await ask()
    expect(taken().shadows).toEqual([{ layer: 'l1', outcome: 'violation', paths: ['data.note.text'] }])
    await ask('{ note(id: 1) { id text } }')
    expect(taken().shadows).toEqual([{ layer: 'l1', outcome: 'violation', paths: ['text'] }])
  })

  it('and reports an execution that fails as undecided.', async () => {
    const { ask, taken, snapshots } = await start()
    await ask()
    taken()
    snapshots.fails = true
    await ask()
    expect(taken().shadows).toEqual([{ layer: 'l1', outcome: 'undecided', paths: [] }])
  })
})
