/**
 * Measures the memory of stored documents in a process without anything else: `node --expose-gc test/graphql/measure-documents.ts`. Prints
 * JSON: for each case the bytes that the store really uses, and those that it reports.
 */
import { hash } from 'node:crypto'
import { readConfig } from '#src/config/config.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { DocumentPlanner } from '#src/gateway/graphql/document/document-plan.ts'
import { DocumentStore } from '#src/gateway/graphql/document/document-store.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'

const MIB = 2 ** 20
const OPERATIONS = Array.from({ length: 80 }, (_, index) => `Q${index}`)

/** Returns a document in which all operations spread the same fragment. The plan of each operation contains the expanded fragment. */
const manyOperations = (number: number) => {
  const fields = Array.from({ length: 28 }, (_, index) => `a${number}x${index}: tlds { name unicodeName kind }`)
  return `fragment F on Query { ${fields.join(' ')} } ${OPERATIONS.map((name) => `query ${name} { ...F }`).join(' ')}`
}

type Planner = Pick<DocumentPlanner, 'plan'>

const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
const gateway = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })

/** Creates a planner that stores the plans of all operations of a document, of which the store knows nothing. */
function planAll(): Planner {
  const planners = new Map(OPERATIONS.map((name) => [name, new DocumentPlanner(gateway)]))
  return { plan: (document, name) => planners.get(name ?? '')?.plan(document, name) }
}

/** Returns the bytes that a store really uses for documents and their plans, and the bytes that the store reports. */
function heldBy(planner: Planner, count: number, make: (number: number) => string, names: readonly (string | undefined)[]) {
  const store = new DocumentStore({
    schema: gateway.schema,
    introspection: true,
    limits: readConfig({}).limits,
    maxBytes: 64 * MIB,
    cpuTime: () => 0,
  })
  const add = (number: number) => {
    const text = make(number)
    store.check(text, '')
    const document = store.find(hash('sha256', text))
    for (const name of names) if (document) planner.plan(document, name)
  }
  add(0)
  collectGarbage()
  const before = { heap: process.memoryUsage().heapUsed, reported: store.bytes }
  for (let number = 1; number <= count; number++) add(number)
  collectGarbage()
  return { used: process.memoryUsage().heapUsed - before.heap, reported: store.bytes - before.reported }
}

function collectGarbage(): void {
  if (!globalThis.gc) throw new Error('Expected node --expose-gc: start this script with it.')
  globalThis.gc()
}

const planner = () => new DocumentPlanner(gateway)
process.stdout.write(
  JSON.stringify({
    'small documents': heldBy(planner(), 200, (number) => `{ a${number}: liveDomain(name: "x.com") { name tld } }`, [undefined]),
    'documents with long comments': heldBy(planner(), 50, (number) => `#${'x'.repeat(4000)}\n{ a${number}: tlds { name } }`, [undefined]),
    'documents with many operations': heldBy(planner(), 1, manyOperations, OPERATIONS),
    'plans that are not reported': heldBy(planAll(), 1, manyOperations, OPERATIONS),
  }),
)
