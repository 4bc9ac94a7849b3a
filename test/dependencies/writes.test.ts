import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '#src/market/seed/random.ts'
import { dailySeed } from '../daily-seed.ts'
import { type CorpusGateway, startCorpusGateway } from './corpus-gateway.ts'
import { Judge } from './judge.ts'

/** `npm run test:dependencies` sets a larger number of writes. */
const WRITES = Number(process.env['DEPENDENCY_WRITES'] ?? 30)

describe('a random write by SQL', () => {
  let gateway: CorpusGateway

  beforeAll(async () => {
    gateway = await startCorpusGateway({ checksReads: false })
  })

  afterAll(async () => {
    await gateway?.close()
  })

  it(
    'changes only values whose tags it invalidates, and causes each invalidated value to be loaded again',
    async ({ annotate }) => {
      const seed = String(dailySeed)
      const random = new Random(seed)
      const judge = await Judge.start(gateway, () => random.next())
      for (let count = 0; count < WRITES; count++) expect(await judge.judge(), `seed ${seed}, write ${count}`).toEqual([])
      const lines = [...judge.reloads].map(([name, { touched, needless }]) => `${name}: ${touched} reloads, ${needless} of them needless`)
      await annotate([`${judge.values} values, ${WRITES} writes, seed ${seed}`, ...lines.sort()].join('\n'))
    },
    WRITES * 3000 + 60_000,
  )
})
