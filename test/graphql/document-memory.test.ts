import { hash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { DocumentPlanner } from '../../src/graphql/document-plan.ts'
import { DocumentStore } from '../../src/graphql/document-store.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from '../../src/graphql/schema.ts'
import { localId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'

const MIB = 2 ** 20
const OPERATIONS = Array.from({ length: 80 }, (_, index) => `Q${index}`)

/** One fragment that each operation's plan unfolds. */
const manyOperations = (number: number) => {
  const fields = Array.from({ length: 28 }, (_, index) => `a${number}x${index}: tlds { name unicodeName kind }`)
  return `fragment F on Query { ${fields.join(' ')} } ${OPERATIONS.map((name) => `query ${name} { ...F }`).join(' ')}`
}

type Planner = Pick<DocumentPlanner, 'plan'>

let gateway: GatewaySchema
beforeAll(async () => {
  const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
  gateway = buildGatewaySchema({ typeDefs, modules: createModules(), overrides: {}, localId })
})

const createStore = (maxBytes: number) =>
  new DocumentStore({ schema: gateway.schema, introspection: true, limits: readConfig({}).limits, maxBytes, monotonic: () => 0 })

/** A planner that keeps the plans of all operations of a document. */
function planAll(): Planner {
  const planners = new Map(OPERATIONS.map((name) => [name, new DocumentPlanner(gateway)]))
  return { plan: (document, name) => planners.get(name ?? '')?.plan(document, name) }
}

/** What a store holds of documents and their plans, and what it says that it holds, bytes. */
function heldBy(planner: Planner, count: number, make: (number: number) => string, names: readonly (string | undefined)[]) {
  const store = createStore(64 * MIB)
  const add = (number: number) => {
    const text = make(number)
    store.check(text, '')
    const document = store.find(hash('sha256', text))
    for (const name of names) if (document) planner.plan(document, name)
  }
  add(0)
  collectGarbage()
  const before = { heap: process.memoryUsage().heapUsed, said: store.bytes }
  for (let number = 1; number <= count; number++) add(number)
  collectGarbage()
  return { truth: process.memoryUsage().heapUsed - before.heap, said: store.bytes - before.said }
}

describe('the store of documents', () => {
  it.each([
    ['small documents', 200, (number: number) => `{ a${number}: liveDomain(name: "x.com") { name tld } }`, [undefined]],
    ['documents with long comments', 50, (number: number) => `#${'x'.repeat(4000)}\n{ a${number}: tlds { name } }`, [undefined]],
    ['documents with many operations', 1, manyOperations, OPERATIONS],
  ] as const)('holds no more than it says of %s, and at least a quarter', (_, count, make, names) => {
    const { truth, said } = heldBy(new DocumentPlanner(gateway), count, make, names)
    expect(truth).toBeLessThan(said)
    expect(truth).toBeGreaterThan(said / 4)
  })

  it('would hold more than it says if the plans of all operations were kept, which this test notices', () => {
    const { truth, said } = heldBy(planAll(), 1, manyOperations, OPERATIONS)
    expect(truth).toBeGreaterThan(said)
  })

  it('keeps the documents of a user when anonymous callers make up others', () => {
    const store = createStore(MIB)
    const own = Array.from({ length: 20 }, (_, number) => `{ own${number}: tlds { name } }`)
    for (const text of own) store.check(text, 'acme 1')
    for (let number = 0; number < 300; number++) store.check(`{ madeUp${number}: tlds { name } }`, '')
    expect(own.filter((text) => store.find(hash('sha256', text)) === undefined)).toEqual([])
    expect(store.bytes).toBeLessThanOrEqual(MIB)
  })
})

const collectGarbage = exposedGc()

function exposedGc(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
