import { expect, it } from 'vitest'
import { Versions, versionsIn } from '../../k6/parts/versions.ts'

const plain = { hasToken: false, isFlagged: false }

it('A response to a request with a consistency token counts as too old if it is older than the write, even if it is marked stale.', () => {
  const versions = new Versions()
  versions.wrote('a', 5, 1000)
  expect(versions.isTooOld('a', 4, { sentAt: 1001, hasToken: true, isFlagged: false })).toBe(true)
  expect(versions.isTooOld('a', 4, { sentAt: 1001, hasToken: true, isFlagged: true })).toBe(true)
  expect(versions.isTooOld('a', 5, { sentAt: 1001, hasToken: true, isFlagged: false })).toBe(false)
  expect(versions.isTooOld('b', 1, { sentAt: 1001, hasToken: true, isFlagged: false })).toBe(false)
})

it('A response to a request without a consistency token may be one second old, and older only if it is marked stale.', () => {
  const versions = new Versions()
  versions.wrote('a', 5, 1000)
  expect(versions.isTooOld('a', 4, { sentAt: 2000, ...plain })).toBe(false)
  expect(versions.isTooOld('a', 4, { sentAt: 2100, ...plain })).toBe(true)
  expect(versions.isTooOld('a', 4, { sentAt: 2100, hasToken: false, isFlagged: true })).toBe(false)
  expect(versions.isTooOld('a', 5, { sentAt: 2100, ...plain })).toBe(false)
})

it('A response without the stale mark is too old if a newer version was received over a second before the request was sent.', () => {
  const versions = new Versions()
  for (let version = 1; version <= 50; version++) versions.saw('a', version, version * 100)
  expect(versions.isTooOld('a', 38, { sentAt: 5000, ...plain })).toBe(true)
  expect(versions.isTooOld('a', 39, { sentAt: 5000, ...plain })).toBe(false)
  expect(versions.isTooOld('a', 49, { sentAt: 10_000, ...plain })).toBe(true)
})

it('Consistency tokens are sent for a minute after they were received, and only the seven newest tokens are sent.', () => {
  const versions = new Versions()
  for (let number = 1; number <= 9; number++) versions.addToken(`t${number}`, number)
  expect(versions.tokens(10)).toBe('t9,t8,t7,t6,t5,t4,t3')
  expect(versions.tokens(60_009)).toBe('')
})

it('Every object with an id and a version is found in a response, at any depth.', () => {
  const data = {
    campaigns: { nodes: [{ id: 'a', version: 1, owner: { id: 'u' } }, null] },
    call: { id: 'c', version: 2, bids: [{ id: 'b', version: 3 }] },
  }
  expect(versionsIn(data)).toEqual([
    { id: 'a', version: 1 },
    { id: 'c', version: 2 },
    { id: 'b', version: 3 },
  ])
})
