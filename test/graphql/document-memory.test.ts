import { hash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { DocumentPlanner } from '#src/gateway/graphql/document/document-plan.ts'
import { DocumentStore } from '#src/gateway/graphql/document/document-store.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'

const MIB = 2 ** 20
const OPERATIONS = Array.from({ length: 80 }, (_, index) => `Q${index}`)

/** Returns a document in which all operations spread the same fragment. The plan of each operation contains the expanded fragment. */
const manyOperations = (number: number) => {
  const fields = Array.from({ length: 28 }, (_, index) => `a${number}x${index}: tlds { name unicodeName kind }`)
  return `fragment F on Query { ${fields.join(' ')} } ${OPERATIONS.map((name) => `query ${name} { ...F }`).join(' ')}`
}

type Planner = Pick<DocumentPlanner, 'plan'>

let gateway: GatewaySchema
beforeAll(async () => {
  const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
  gateway = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })
})

const createStore = (maxBytes: number) =>
  new DocumentStore({ schema: gateway.schema, introspection: true, limits: readConfig({}).limits, maxBytes, cpuTime: () => 0 })

/** Creates a planner that stores the plans of all operations of a document. */
function planAll(): Planner {
  const planners = new Map(OPERATIONS.map((name) => [name, new DocumentPlanner(gateway)]))
  return { plan: (document, name) => planners.get(name ?? '')?.plan(document, name) }
}

/** Returns the bytes that a store really uses for documents and their plans, and the bytes that the store reports. */
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

describe('the store of validated documents', () => {
  it.each([
    ['small documents', 200, (number: number) => `{ a${number}: liveDomain(name: "x.com") { name tld } }`, [undefined]],
    ['documents with long comments', 50, (number: number) => `#${'x'.repeat(4000)}\n{ a${number}: tlds { name } }`, [undefined]],
    ['documents with many operations', 1, manyOperations, OPERATIONS],
  ] as const)('uses, for %s, no more memory than it reports, and at least a quarter of the reported memory', (_, count, make, names) => {
    const { truth, said } = heldBy(new DocumentPlanner(gateway), count, make, names)
    expect(truth).toBeLessThan(said)
    expect(truth).toBeGreaterThan(said / 4)
  })

  it('is measured by a function that detects plans whose memory the store does not report', () => {
    const { truth, said } = heldBy(planAll(), 1, manyOperations, OPERATIONS)
    expect(truth).toBeGreaterThan(said)
  })

  it('keeps the documents of one user while anonymous callers send many other documents', () => {
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
