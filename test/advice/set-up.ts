import { readFileSync } from 'node:fs'
import { type ConstDirectiveNode, type FieldDefinitionNode, Kind, parse, print, visit } from 'graphql'
import type { PolicyOverrides } from '#src/gateway/policies/policy-registry.ts'
import type { Recommendation } from '#src/operations/admin/figures/advice-options.ts'
import { changePoliciesBody } from '#src/operations/admin/schemas/policies.ts'

/** Parts that an operator can change: the schema, the policies at run time, and the memory of a process. */
export interface SetUp {
  readonly sdl: string
  readonly overrides: PolicyOverrides
  readonly memoryBytes: number
  /** Whether there is a shared tier. */
  readonly isShared: boolean
}

export const DIRECTIVES = `${readFileSync('schema/directives.graphql', 'utf8')}`

/** Changes the definition of one field. */
function changed(sdl: string, coordinate: string, change: (field: FieldDefinitionNode) => FieldDefinitionNode): string {
  const [type, name] = coordinate.split('.')
  let found = 0
  const document = visit(parse(sdl), {
    ObjectTypeDefinition: (node) => (node.name.value === type ? undefined : false),
    FieldDefinition: (node) => {
      if (node.name.value !== name) return undefined
      found++
      return change(node)
    },
  })
  if (found !== 1) throw new Error(`The schema has no field ${coordinate}.`)
  return print(document)
}

function cacheOf(text: string): ConstDirectiveNode {
  const [type] = parse(`type T { field: Int ${text} }`, { noLocation: true }).definitions
  const directive = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? type.fields?.[0]?.directives?.[0] : undefined
  if (!directive) throw new Error(`${text} is no directive.`)
  return directive
}

/** Sets arguments of the `@cache` of a field, such as `l1: 60, depends: ["Item"]`. */
export function withArguments(sdl: string, coordinate: string, text: string): string {
  const given = cacheOf(`@cache(${text})`).arguments ?? []
  return changed(sdl, coordinate, (field) => ({
    ...field,
    directives: (field.directives ?? []).map((directive) => ({
      ...directive,
      arguments: [...(directive.arguments ?? []).filter((one) => !given.some(({ name }) => name.value === one.name.value)), ...given],
    })),
  }))
}

/** Adds an argument to a field. @param text Such as `asOf: String`. */
export function withNewArgument(sdl: string, coordinate: string, text: string): string {
  const [type] = parse(`type T { field(${text}): Int }`, { noLocation: true }).definitions
  const added = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? (type.fields?.[0]?.arguments ?? []) : []
  return changed(sdl, coordinate, (field) => ({ ...field, arguments: [...(field.arguments ?? []), ...added] }))
}

/** Replaces the directives of a field. @param text Such as `@cache(l1: 60, l2: 300)`; empty for none. */
export function withDirective(sdl: string, coordinate: string, text: string): string {
  return changed(sdl, coordinate, (field) => ({ ...field, directives: text === '' ? [] : [cacheOf(text)] }))
}

/** Applies the first text of a recommendation, as an operator who copies it. */
export function applied(setUp: SetUp, { subject, snippets }: Recommendation): SetUp {
  const [snippet] = snippets
  if (!snippet) throw new Error('The recommendation has no text to copy.')
  const { where, text } = snippet
  const memory = /^CACHE_MEMORY_BYTES=(\d+)$/.exec(text)
  if (memory) return { ...setUp, memoryBytes: Number(memory[1]) }
  if (where.startsWith('at run time')) {
    const { set = [] } = changePoliciesBody.parse(JSON.parse(/ -d '(.*)'$/.exec(text)?.[1] ?? ''))
    return { ...setUp, overrides: Object.fromEntries(set.map(({ coordinate, values }) => [coordinate, values])) }
  }
  if (where === `on ${subject}`) return { ...setUp, sdl: withDirective(setUp.sdl, subject, text) }
  if (where === `argument to take off ${subject}`) {
    const sdl = changed(setUp.sdl, subject, (field) => ({
      ...field,
      arguments: (field.arguments ?? []).filter(({ name }) => name.value !== text),
    }))
    return { ...setUp, sdl }
  }
  if (where.startsWith(`in @cache of ${subject}`)) return { ...setUp, sdl: withArguments(setUp.sdl, subject, text) }
  throw new Error(`Nobody knows how to apply a text ${where}.`)
}
