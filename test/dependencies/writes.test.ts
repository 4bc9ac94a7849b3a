import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/seed/random.ts'
import { type CorpusGateway, startCorpusGateway } from './corpus-gateway.ts'
import { Judge } from './judge.ts'

/** `npm run test:dependencies` makes more of them. */
const WRITES = Number(process.env['DEPENDENCY_WRITES'] ?? 60)

describe('a random write through SQL', () => {
  let gateway: CorpusGateway

  beforeAll(async () => {
    gateway = await startCorpusGateway({ checksReads: false })
  })

  afterAll(async () => {
    await gateway?.close()
  })

  it(
    'changes no value that its tags do not touch, and makes each value that they touch be loaded anew',
    async ({ annotate }) => {
      const seed = process.env['DEPENDENCY_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31))
      const random = new Random(seed)
      const judge = await Judge.start(gateway, () => random.next())
      for (let count = 0; count < WRITES; count++) expect(await judge.judge(), `seed ${seed}, write ${count}`).toEqual([])
      const lines = [...judge.reloads].map(([name, { touched, needless }]) => `${name}: ${touched} reloads, ${needless} of them needless`)
      await annotate([`${judge.values} values, ${WRITES} writes, seed ${seed}`, ...lines.sort()].join('\n'))
    },
    WRITES * 3000 + 60_000,
  )
})
