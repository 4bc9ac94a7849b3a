import type { CodegenConfig } from '@graphql-codegen/cli'
import { findMappers } from './scripts/codegen/find-mappers.ts'

const NOTICE = { add: { content: '/* Generated from schema/ by `npm run generate`: do not edit. */' } }

/**
 * Types from the SDL: its values, and the map of resolvers. `npm run generate` writes them, `npm run generate -- --check` fails if they are out
 * of date.
 */
const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  config: {
    enumsAsTypes: true,
    useTypeImports: true,
    useIndexSignature: false,
    immutableTypes: true,
    avoidOptionals: { field: true, defaultValue: true },
    inputMaybeValue: 'T | null | undefined',
    maybeValue: 'T | null',
    strictScalars: true,
    emitLegacyCommonJSImports: false,
    importExtension: '.ts',
    scalars: {
      ID: { input: 'string', output: 'string' },
      DateTime: { input: 'string', output: 'string' },
      MinorUnits: { input: 'number', output: 'number' },
      Count: { input: 'number', output: 'number' },
      DomainName: { input: 'string', output: 'string' },
      TimeZone: { input: 'string', output: 'string' },
      Condition: { input: 'unknown', output: '../rules/routing/condition.ts#Condition' },
    },
  },
  generates: {
    'src/market/modules/schema-types.generated.ts': { plugins: [NOTICE, 'typescript'] },
    'src/market/modules/resolver-types.generated.ts': {
      plugins: [NOTICE, { add: { content: "import type * as Schema from './schema-types.generated.ts';" } }, 'typescript-resolvers'],
      config: {
        namespacedImportName: 'Schema',
        contextType: '../../gateway/contract/module.ts#RequestContext',
        optionalResolveType: true,
        resolversNonOptionalTypename: false,
        mappers: findMappers(import.meta.dirname),
      },
    },
  },
}

export default config
