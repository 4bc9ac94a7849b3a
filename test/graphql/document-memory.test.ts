import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { DocumentStore } from '#src/gateway/graphql/document/document-store.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'

type Measured = Readonly<Record<string, { readonly used: number; readonly reported: number }>>

const MIB = 2 ** 20

describe('the store of validated documents', () => {
  let measured: Measured
  beforeAll(async () => {
    const script = join(import.meta.dirname, 'measure-documents.ts')
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script])
    measured = JSON.parse(stdout) as Measured
  })

  it.each([
    'small documents',
    'documents with long comments',
    'documents with many operations',
  ])('uses, for %s, no more memory than it reports, and at least a quarter of the reported memory', (name) => {
    const { used = 0, reported = 0 } = measured[name] ?? {}
    expect(used).toBeLessThan(reported)
    expect(used).toBeGreaterThan(reported / 4)
  })

  it('is measured by a script that detects plans whose memory the store does not report', () => {
    const { used = 0, reported = 0 } = measured['plans that are not reported'] ?? {}
    expect(used).toBeGreaterThan(reported)
  })

  it('keeps the documents of one user while anonymous callers send many other documents', async () => {
    const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
    const { schema } = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })
    const store = new DocumentStore({ schema, introspection: true, limits: readConfig({}).limits, maxBytes: MIB, cpuTime: () => 0 })
    const own = Array.from({ length: 20 }, (_, number) => `{ own${number}: tlds { name } }`)
    for (const text of own) store.check(text, 'acme 1')
    for (let number = 0; number < 300; number++) store.check(`{ madeUp${number}: tlds { name } }`, '')
    expect(own.filter((text) => store.find(hash('sha256', text)) === undefined)).toEqual([])
    expect(store.bytes).toBeLessThanOrEqual(MIB)
  })
})
