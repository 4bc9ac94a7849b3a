import { expect, it } from 'vitest'
import { invalidationsEndpoint } from '#src/operations/admin/handlers/invalidations.ts'
import { operator } from './management.ts'

it('A reader who follows the log after a restore gets the rows of the new epoch, and none of the old one with greater positions.', async () => {
  const row = (epoch: string, seq: number) => ({ epoch, seq, at: seq, causes: [], tags: ['acme:Campaign:1'], tagCount: 1, lagMs: 1 })
  const rows = [row('before', 900), row('before', 901), row('after', 21), row('after', 20)]
  const { handle } = invalidationsEndpoint({
    cache: { stats: () => ({ epoch: 'after', clock: 21 }), recentInvalidations: () => ({ all: () => rows }) } as never,
    history: undefined,
    entities: [],
  })
  const read = (query: object) => handle({ caller: operator, query: { limit: 10, ...query }, body: undefined } as never) as Promise<never>
  expect(await read({ after: 20 })).toMatchObject({ clock: 21, invalidations: [{ epoch: 'after', clock: 21 }] })
  expect(((await read({})) as { invalidations: unknown[] }).invalidations).toHaveLength(4)
})
