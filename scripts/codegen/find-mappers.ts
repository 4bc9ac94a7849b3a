import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kind, type ObjectTypeDefinitionNode, parse } from 'graphql'

const MODULES = 'src/market/modules'
const EXPORTED_TYPE = /^export (?:interface|type) (\w+)/gm

/**
 * Finds the TypeScript types for the values of the GraphQL object types. If an `entity.ts` or `queries.ts` of a module exports a type with
 * the name of the object type, the values have this TypeScript type. Otherwise, the values have the fields that the SDL declares.
 * @returns the option `mappers` of graphql-codegen.
 * @throws Error when two files export a type with the same name, or when no file exports a required type. Two kinds of object types require
 * an exported type: connections, and types that implement `Node` or have the directive `@cache`.
 */
export function findMappers(root: string): Readonly<Record<string, string>> {
  const files = exportingFiles(root)
  const mappers: Record<string, string> = {}
  const problems: string[] = []
  for (const { file, type } of objectTypes(root)) {
    const { value: name } = type.name
    const [home, ...others] = files.get(name) ?? []
    if (others.length > 0)
      problems.push(`${name} is exported by ${[home, ...others].join(' and ')}: expected one file to export the value of the type.`)
    else if (home !== undefined) mappers[name] = `./${home.slice(MODULES.length + 1)}#${name} as ${name}Source`
    else if (isLoaded(type))
      problems.push(`${file} has the type ${name}, whose rows are loaded: expected ${MODULES}/*/entity.ts to export its row as ${name}.`)
    else if (hasField(type, 'pageInfo'))
      problems.push(`${file} has the type ${name}, a list: expected ${MODULES}/*/queries.ts to export its page as ${name}.`)
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return mappers
}

/** Returns, for each exported type, the files that export a type of that name. */
function exportingFiles(root: string): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>()
  for (const file of globSync(`${MODULES}/*/{entity,queries}.ts`, { cwd: root }).sort()) {
    for (const [, name = ''] of readFileSync(join(root, file), 'utf8').matchAll(EXPORTED_TYPE))
      files.set(name, [...(files.get(name) ?? []), file])
  }
  return files
}

interface LocatedType {
  readonly file: string
  readonly type: ObjectTypeDefinitionNode
}

function objectTypes(root: string): readonly LocatedType[] {
  return globSync('schema/*.graphql', { cwd: root })
    .sort()
    .flatMap((file) =>
      parse(readFileSync(join(root, file), 'utf8')).definitions.flatMap((type) =>
        type.kind === Kind.OBJECT_TYPE_DEFINITION ? [{ file, type }] : [],
      ),
    )
}

function isLoaded({ interfaces = [], directives = [] }: ObjectTypeDefinitionNode): boolean {
  return interfaces.some(({ name }) => name.value === 'Node') || directives.some(({ name }) => name.value === 'cache')
}

function hasField({ fields = [] }: ObjectTypeDefinitionNode, field: string): boolean {
  return fields.some(({ name }) => name.value === field)
}
