import { describe, it } from 'vitest'
import { declareEntity } from '#src/engine/cache/model/entity.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import { Random } from '#src/market/seed/random.ts'
import { dailySeed } from '../daily-seed.ts'
import { startCorpusGateway } from './corpus-gateway.ts'
import { Judge } from './judge.ts'
import { everythingToTakeAway, type TakenAway, withEntities } from './taken-away.ts'

const MAX_WRITES = 300

interface Answer {
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
}

const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
const everything = everythingToTakeAway(
  buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId }),
  createIdleModules(),
)
const chosen = choose(everything)

describe('the tests of declared cache dependencies', () => {
  it.for(chosen)('fail if one part of a declaration is removed: $name', { timeout: 180_000 }, async (taken, { annotate, expect }) => {
    const sentence = await findOut(taken)
    expect(sentence, 'No check noticed.').toBeDefined()
    await annotate(sentence ?? '')
  })
})

/** Chooses all parts for `npm run test:dependencies`, and otherwise a few parts, which change every day. */
function choose(all: readonly TakenAway[]): readonly TakenAway[] {
  const only = process.env['DEPENDENCY_ONLY']
  if (only) return all.filter(({ name }) => name.includes(only))
  return process.env['DEPENDENCY_ALL'] ? all : new Random(String(dailySeed)).sample(all, 2)
}

/** Returns the message of the first check that fails, or undefined if no check fails. */
async function findOut({ options, writes }: TakenAway): Promise<string | undefined> {
  const { adaptEntity, ...schema } = options
  try {
    const modules = adaptEntity ? withEntities(createIdleModules(), (entity) => declareEntity(adaptEntity(entity))) : createIdleModules()
    return (adaptEntity ? undefined : await byReads(schema)) ?? (await byWrites({ ...schema, modules }, writes))
  } catch (error) {
    if (error instanceof Error && ('code' in error ? error.code === 'CONFIGURATION' : error instanceof TypeError))
      return `The start: ${error.message}`
    throw error
  }
}

async function byReads(options: TakenAway['options']): Promise<string | undefined> {
  const gateway = await startCorpusGateway({ ...options, checksReads: true })
  try {
    for (const operation of gateway.operations) {
      const { errors = [] }: Answer = JSON.parse(await gateway.ask(operation, 'ADMIN'))
      const found = errors.find(({ extensions }) => extensions.code === 'UNDECLARED_DEPENDENCY')
      if (found) return `The reads: ${found.message}`
    }
    return undefined
  } finally {
    await gateway.close()
  }
}

async function byWrites(
  options: Parameters<typeof startCorpusGateway>[0] | object,
  writes: TakenAway['writes'],
): Promise<string | undefined> {
  const gateway = await startCorpusGateway({ ...options, checksReads: false })
  try {
    const random = new Random(String(dailySeed))
    const judge = await Judge.start(gateway, () => random.next())
    for (let count = 0; count < MAX_WRITES && writes.length > 0; count++) {
      const [sentence] = await judge.judge(random.pick(writes))
      if (sentence !== undefined) return `A write: ${sentence}`
    }
    return undefined
  } finally {
    await gateway.close()
  }
}
