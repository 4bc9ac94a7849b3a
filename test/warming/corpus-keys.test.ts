import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemEnv } from '#src/engine/cache/model/env.ts'
import type { Role } from '#src/gateway/identity/principal.ts'
import { OperationRecorder } from '#src/gateway/warming/operation-recorder.ts'
import { Replay } from '#src/gateway/warming/replay.ts'
import type { CorpusOperation } from '../corpus/operations.ts'
import { dailySeed } from '../daily-seed.ts'
import { type CorpusGateway, startCorpusGateway, TENANT } from '../dependencies/corpus-gateway.ts'

/** Share of the operations that a usual run checks, another one each day. */
const CHECKED = process.env['WARMTH_ALL'] === '1' ? 1 : 10

/** An operation that callers of every role may send, so every run checks it. */
const PUBLIC = 'generated: tlds'

describe('a recorded operation that is executed again', () => {
  let gateway: CorpusGateway
  let recorder: OperationRecorder
  let replay: Replay

  beforeAll(async () => {
    gateway = await startCorpusGateway({
      checksReads: false,
      usage: { hit: () => undefined, answered: (...use) => recorder.answered(...use) },
    })
    replay = new Replay(gateway.execution)
  })

  afterAll(async () => {
    await gateway?.close()
  })

  /** Voids everything. Until the triggers have been checked again, nothing is cached. */
  async function forgetAll(): Promise<void> {
    await gateway.cache.invalidate('everything')
    while (gateway.cache.stats().isCheckingWatches) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Asks for the operation. Returns what was recorded of it, the keys that it read, and whether it was answered without errors. */
  async function ask(operation: CorpusOperation, role: Role | null) {
    recorder = new OperationRecorder({ cache: gateway.cache, env: systemEnv, maxOperations: 10 })
    gateway.cache.asked.clear()
    const answer = JSON.parse(await gateway.ask(operation, role))
    const [recorded] = recorder.hottest(gateway.execution)
    return {
      recorded: recorded?.operation,
      keys: new Set(gateway.cache.asked),
      isRight: answer.errors === undefined && answer.data !== undefined,
    }
  }

  it.each<[string, Role | null]>([
    ['a viewer', 'VIEWER'],
    ['an editor', 'EDITOR'],
    ['an administrator', 'ADMIN'],
    ['an operator', 'OPERATOR'],
    ['an anonymous caller', null],
  ])('reads and fills exactly the keys of the request of %s, so that the next request loads nothing.', async (_, role) => {
    let compared = 0
    for (const [index, operation] of gateway.operations.entries()) {
      if ((index + dailySeed) % CHECKED !== 0 && operation.name !== PUBLIC) continue
      await forgetAll()
      const first = await ask(operation, role)
      if (!first.isRight) continue
      const { name } = operation
      if (first.recorded === undefined) {
        const { document, variables, operationName } = operation
        const unrecorded = { document, variables, operationName, tenant: role && TENANT, role }
        expect(await replay.replay(unrecorded), name).toEqual({ name: 'refused', reason: 'its response is never cached' })
        continue
      }
      const recorded = first.recorded
      expect(recorded, name).toMatchObject({ document: operation.document, variables: operation.variables, role })
      await forgetAll()
      gateway.cache.asked.clear()
      expect(await replay.replay(recorded), name).toEqual({ name: 'executed' })
      const place = replay.placeOf(recorded)
      // The first execution showed that some responses are never cached as a whole. They are not asked for again.
      const keys = place ? first.keys : new Set([...first.keys].filter((key) => !key.includes(':response@')))
      expect(new Set(gateway.cache.asked), name).toEqual(keys)
      const loads = gateway.loaded.length
      const second = await ask(operation, role)
      if (place) expect(gateway.loaded.slice(loads), name).toEqual([])
      if (place) expect(second.keys, name).toEqual(new Set([place.request.key.text]))
      else
        expect(
          gateway.loaded.slice(loads).filter((policy) => gateway.gateway.rules.has(policy)),
          name,
        ).toEqual([])
      compared++
    }
    expect(compared).toBeGreaterThan(0)
  })

  it('is recorded without a user id if the response does not depend on the user.', async () => {
    const [operation] = gateway.operations.filter(({ name }) => name === 'lists of a campaign')
    const { recorded } = await ask(operation as CorpusOperation, 'ADMIN')
    expect(recorded).not.toHaveProperty('userId')
  })

  it('is refused if it is a mutation, introspection, or a document that this release does not know.', async () => {
    const caller = { variables: {}, tenant: 'acme', role: 'ADMIN' } as const
    expect(
      await replay.replay({ ...caller, document: 'mutation { deleteCampaign(input: { id: "x", version: 1 }) { errors { code } } }' }),
    ).toMatchObject({
      name: 'refused',
    })
    expect(await replay.replay({ ...caller, document: '{ __typename }' })).toMatchObject({ name: 'refused' })
    expect(await replay.replay({ ...caller, document: '{ noSuchField }' })).toMatchObject({ name: 'refused' })
    expect(await replay.replay({ ...caller, document: '{ noSuch' })).toMatchObject({ name: 'refused' })
  })
})
