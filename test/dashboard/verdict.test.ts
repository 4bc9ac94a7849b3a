import { describe, expect, it } from 'vitest'
import type { Instances, Stats } from '#src/operations/admin/contract.ts'
import { verdictOf } from '../../web/src/views/fleet/verdict.ts'

const postgres = { isReachable: true, version: '15', connections: 10, maxConnections: 100, logRows: 5 }
const redis = {
  isReady: true,
  isWritable: true,
  usedMemoryBytes: 10,
  maxMemoryBytes: 100,
  maxMemoryPolicy: 'allkeys-lru',
  connectedClients: 2,
  evictedKeys: 0,
  keyspaceHits: 1,
  keyspaceMisses: 1,
}

function judged(stats: Partial<Stats> = {}, ...instances: readonly Partial<Instances['instances'][number]>[]) {
  const all = [{}, ...instances].map((part, index) => ({
    id: `i${index}`,
    isAlive: true,
    redis: 'up',
    lagMs: 40,
    eventLoopLagMs: 3,
    ...part,
  }))
  return verdictOf(
    { lag: { nowMs: 40, worstMs: 200, boundMs: 1000 }, postgres, redis, ...stats } as Stats,
    { instances: all } as unknown as Pick<Instances, 'instances'>,
  )
}

describe('the question "is it the database, Redis, or us?"', () => {
  it('is answered with "nothing is wrong" if all respond.', () => {
    expect(judged()).toMatchObject({ culprit: 'none', findings: [] })
    expect(judged({ redis: null }, { redis: 'none' }).culprit).toBe('none')
  })

  it.each<[string, ReturnType<typeof judged>]>([
    ['cannot be reached', judged({ postgres: { ...postgres, isReachable: false } })],
    ['has nearly all connections open', judged({ postgres: { ...postgres, connections: 95 } })],
  ])('is answered with the database if it %s.', (_, verdict) => {
    expect(verdict).toMatchObject({ culprit: 'database', sentence: 'It is the database.' })
  })

  it.each<[string, ReturnType<typeof judged>]>([
    ['is not connected', judged({ redis: { ...redis, isReady: false } })],
    ['is not connected to another process', judged({}, { redis: 'down' })],
    ['refuses writes', judged({ redis: { ...redis, isWritable: false } })],
    ['is full and evicts nothing', judged({ redis: { ...redis, usedMemoryBytes: 95, maxMemoryPolicy: 'noeviction' } })],
  ])('is answered with Redis if it %s.', (_, verdict) => {
    expect(verdict.culprit).toBe('Redis')
  })

  it.each<[string, ReturnType<typeof judged>]>([
    ['is behind the log by more than the bound', judged({}, { lagMs: 1200 })],
    ['does not follow the log', judged({}, { lagMs: null })],
    ['has a late event loop', judged({}, { eventLoopLagMs: 400 })],
    ['stopped reporting', judged({}, { isAlive: false })],
  ])('is answered with "us", and names the process, if a process %s.', (_, verdict) => {
    expect(verdict.culprit).toBe('us')
    expect(verdict.findings[0]?.text).toContain('i1')
  })

  it('names the database first if several things are wrong, because the others follow from it.', () => {
    const verdict = judged({ postgres: { ...postgres, isReachable: false }, redis: { ...redis, isReady: false } }, { lagMs: 5000 })
    expect(verdict.findings.map(({ culprit }) => culprit)).toEqual(['database', 'Redis', 'us'])
  })

  it('does not blame Redis if a process that ended had lost it.', () => {
    expect(judged({}, { isAlive: false, redis: 'down' }).findings.map(({ culprit }) => culprit)).toEqual(['us'])
  })
})
