import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'

const COUNT = 1000
const calls = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `a${from + index}: addNote(folder: "in", text: "x") { id }`).join(' ')
const fragment = (name: string, from: number) => `fragment ${name} on Mutation { ${calls(COUNT / 2, from)} }`

const DOCUMENTS = [
  ['side by side', `mutation { ${calls(COUNT)} }`],
  ['in fragments', `mutation { ...A ...B } ${fragment('A', 0)} ${fragment('B', COUNT / 2)}`],
  ['in an inline fragment', `mutation { ... on Mutation { ${calls(COUNT)} } }`],
] as const

const editor = { viewer: viewer('t1', 'EDITOR') }
const limits = readConfig({}).limits
const raised = Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, value * 1000])) as unknown as typeof limits

describe('T6: a thousand aliases of one mutation', () => {
  it.each(DOCUMENTS)('T6: cause one error and no execution: %s', async (_, query) => {
    await using gateway = await startTinyGateway({ store: new TinyStore() })
    for (let time = 0; time < 2; time++) {
      const { status, data, errors } = await gateway.ask(query, editor)
      expect([status, data ?? null, errors.map(({ extensions }) => extensions['code'])]).toEqual([400, null, ['LIMIT_EXCEEDED']])
    }
    expect(gateway.store.notes).toEqual([])
    expect(gateway.store.loads).toEqual([])
  })

  it('T6: would be executed if the limits were a thousand times higher, as a mutation with a hundred aliases shows', async () => {
    await using gateway = await startTinyGateway({ store: new TinyStore(), limits: raised })
    const { errors } = await gateway.ask(`mutation { ${calls(100)} }`, editor)
    expect([errors, gateway.store.notes.length]).toEqual([[], 100])
  })
})
