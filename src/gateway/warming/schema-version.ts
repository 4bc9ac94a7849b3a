import { canonicalJson } from '../../engine/cache/model/key.ts'
import { shapeHash } from '../graphql/schema/entry-shapes.ts'
import type { GatewaySchema } from '../graphql/schema/schema.ts'

/**
 * Returns a hash of the schema's shapes (the forms in which values are stored) and of its cache policies. The shapes decide under which
 * keys the values of an operation are cached. The policies decide how long these values are kept.
 */
export function schemaVersion({ rules, fields }: Pick<GatewaySchema, 'rules' | 'fields'>): string {
  const values = [...rules].map(([coordinate, { namespace, policy }]) => canonicalJson([coordinate, namespace, { ...policy }])).sort()
  const shapes = [...fields].map(([coordinate, { shape, scope }]) => canonicalJson([coordinate, shape, scope])).sort()
  return shapeHash([values, shapes])
}
