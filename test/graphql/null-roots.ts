import { type DocumentNode, Kind } from 'graphql'
import type { Module } from '#src/gateway/contract/module.ts'

/**
 * Returns a module whose resolvers return null for every root field. Tests put this module before modules that resolve
 * only some root fields: if two modules resolve the same field, the later module is used.
 */
export function nullRoots({ definitions }: DocumentNode): Module {
  const resolvers: Record<string, Record<string, () => null>> = {}
  for (const definition of definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !['Query', 'Mutation'].includes(definition.name.value)) continue
    resolvers[definition.name.value] = Object.fromEntries((definition.fields ?? []).map(({ name }) => [name.value, () => null]))
  }
  return { entities: [], resolvers }
}
