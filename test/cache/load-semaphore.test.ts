import { describe, expect, it } from 'vitest'
import { LoadSemaphore } from '#src/engine/cache/read/load-semaphore.ts'
import { settled } from './manual-env.ts'

/** Loads that end when told to, with the order in which they began. */
function start(limit: number) {
  const semaphore = new LoadSemaphore(limit)
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  return {
    semaphore,
    begun,
    load(name: string, isBackground: () => boolean = () => false, tenant = 'acme') {
      const work = () => {
        begun.push(name)
        return new Promise<void>((resolve) => void ends.set(name, resolve))
      }
      void semaphore.run(tenant, () => true, work, isBackground)
    },
    async end(name: string) {
      ends.get(name)?.()
      await settled()
    },
  }
}

const background = () => true

describe('the load semaphore', () => {
  it('gives background loads at most a quarter of the limit, even while nothing else is loaded.', async () => {
    const { load, begun, end } = start(8)
    for (const name of ['b1', 'b2', 'b3', 'b4']) load(name, background)
    await settled()
    expect(begun).toEqual(['b1', 'b2'])
    await end('b1')
    expect(begun).toEqual(['b1', 'b2', 'b3'])
  })

  it('starts no background load while another load waits.', async () => {
    const { load, begun, end } = start(4)
    for (const name of ['u1', 'u2', 'u3', 'u4']) load(name)
    load('b1', background)
    load('u5')
    load('u6')
    await settled()
    await end('u1')
    await end('u2')
    expect(begun).toEqual(['u1', 'u2', 'u3', 'u4', 'u5', 'u6'])
    await end('u3')
    expect(begun.at(-1)).toBe('b1')
  })

  it('never runs more loads than the limit, background loads included.', async () => {
    const { load, begun, end } = start(4)
    load('b1', background)
    for (const name of ['u1', 'u2', 'u3', 'u4']) load(name)
    await settled()
    expect(begun).toEqual(['b1', 'u1', 'u2', 'u3'])
    await end('b1')
    expect(begun.at(-1)).toBe('u4')
  })

  it('turns a waiting background load into a normal load when a reader joins it, and starts the load at once if the limit allows.', async () => {
    const { semaphore, load, begun } = start(8)
    let isBackground = true
    for (const name of ['b1', 'b2', 'b3']) load(name, background)
    load('joined', () => isBackground)
    await settled()
    expect(begun).toEqual(['b1', 'b2'])
    isBackground = false
    semaphore.promote()
    await settled()
    expect(begun).toEqual(['b1', 'b2', 'joined'])
  })

  it('lets tenants take turns with their background loads.', async () => {
    const { load, begun, end } = start(4)
    load('b1', background)
    load('b2', background)
    load('b3', background)
    load('other', background, 'other')
    await settled()
    await end('b1')
    await end('b2')
    expect(begun).toEqual(['b1', 'b2', 'other'])
  })
})
