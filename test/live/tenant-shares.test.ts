import { describe, expect, it } from 'vitest'
import { LiveGroups } from '#src/gateway/live/live-groups.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { NOTE, NOTES, startLiveGateway } from './live-gateway.ts'

type Gateway = Awaited<ReturnType<typeof startLiveGateway>>

/** Opens live queries of acme, each with its own result of about 150 bytes. */
async function fill({ write, open, pass }: Gateway, count: number) {
  const readers = []
  for (let number = 0; number < count; number++) {
    await write(10 + number, 'long '.repeat(20), `folder-${number}`)
    await pass(100)
    readers.push((await open(NOTES, { variables: { folder: `folder-${number}` } })).reader)
    await pass(100)
  }
  return readers
}

describe('the memory for the results of live queries, if several tenants use it', () => {
  it('A tenant that filled the memory loses its largest live query to the first one of another tenant', async () => {
    await using gateway = await startLiveGateway({ maxBytes: 700 })
    const readers = await fill(gateway, 5)
    expect(readers.map(({ last }) => last?.errors?.[0]?.extensions.code)).toEqual([...Array(4).fill(undefined), 'OVERLOADED'])
    await gateway.write(1, 'theirs '.repeat(15), 'inbox', 'globex')
    await gateway.pass(100)
    const { reader } = await gateway.open(NOTES, { variables: { folder: 'inbox' }, viewer: viewer('globex'), caller: 'globex:u1' })
    await gateway.pass(100)
    expect(reader.last?.data).toBeDefined()
    expect(gateway.endings()).toEqual(['full', 'full'])
    expect(readers.filter(({ isComplete }) => !isComplete)).toHaveLength(3)
    const ended = readers.slice(0, 4).find(({ isComplete }) => isComplete)
    expect(ended?.last?.errors).toMatchObject([{ message: expect.stringContaining('LIVE_MAX_BYTES'), extensions: { code: 'OVERLOADED' } }])
  })

  it('A tenant whose live queries take more than those of others is refused, and no other tenant loses one', async () => {
    await using gateway = await startLiveGateway({ maxBytes: 700 })
    await gateway.write(1, 'theirs '.repeat(15), 'inbox', 'globex')
    await gateway.pass(100)
    const theirs = await gateway.open(NOTE, { viewer: viewer('globex'), caller: 'globex:u1' })
    await gateway.pass(100)
    const readers = await fill(gateway, 5)
    expect(readers.map(({ last }) => last?.errors?.[0]?.extensions.code)).toEqual([...Array(3).fill(undefined), 'OVERLOADED', 'OVERLOADED'])
    expect(theirs.reader.isComplete).toBe(false)
    await gateway.write(1, 'theirs '.repeat(25), 'inbox', 'globex')
    await gateway.pass(100)
    expect([theirs.reader.results.length, theirs.reader.isComplete]).toEqual([2, false])
    expect(gateway.live.counts.bytes).toBeLessThanOrEqual(700)
  })

  it('The end of a live query for another tenant does not wait until the standing of its caller is read', async () => {
    await using gateway = await startLiveGateway({ maxBytes: 700 })
    await gateway.write(2, 'large '.repeat(100), 'large')
    await gateway.pass(100)
    let isSlow = false
    const standing = () => (isSlow ? new Promise<undefined>(() => undefined) : undefined)
    const { reader: large } = await gateway.open(NOTES, { variables: { folder: 'large' }, standing })
    await gateway.pass(100)
    isSlow = true
    await gateway.write(1, 'theirs '.repeat(15), 'inbox', 'globex')
    await gateway.pass(100)
    const { reader } = await gateway.open(NOTE, { viewer: viewer('globex'), caller: 'globex:u1' })
    await gateway.pass(100)
    expect([large.isComplete, reader.last?.data === undefined]).toEqual([true, false])
  })

  it('Room is made by the largest groups of the heaviest tenants, and nothing ends if that does not make enough', () => {
    const groups = new LiveGroups()
    const [a1, a2, b1, c1] = [groups.of('a1', 'a'), groups.of('a2', 'a'), groups.of('b1', 'b'), groups.of('c1', 'c')]
    const reserve = (group: typeof a1, bytes: number) => groups.reserve(group, bytes, 100)
    expect([reserve(a1, 40), reserve(a2, 20), reserve(b1, 40)]).toEqual([[], [], []])
    expect([reserve(c1, 45), groups.bytes]).toEqual([undefined, 100])
    expect([reserve(c1, 10), groups.bytes]).toEqual([[a1], 70])
    expect([reserve(c1, 101), groups.bytes]).toEqual([undefined, 70])
    expect([reserve(b1, 71), groups.bytes]).toEqual([undefined, 70])
    for (const group of [a1, a2, b1, c1]) groups.remove(group)
    expect(groups.bytes).toBe(0)
  })
})
