import { join } from 'node:path'
import { expect, it } from 'vitest'
import { localId } from '#src/gateway/contract/global-id.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'

it('Every public type and field has a stale-while-revalidate time, so that the gateway and outer caches may serve stale copies during a reload.', async () => {
  const typeDefs = await readTypeDefs(join(import.meta.dirname, '../../schema'))
  const { rules } = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })
  const isPublic = [...rules.values()].filter(({ scope }) => scope === 'PUBLIC')
  expect(isPublic.length).toBeGreaterThan(3)
  expect(isPublic.filter(({ values }) => !values['staleWhileRevalidate']).map(({ coordinate }) => coordinate)).toEqual([])
})
