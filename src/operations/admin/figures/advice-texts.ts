import type { ChangePoliciesInput } from '../contract.ts'
import { BASE_PATH } from '../openapi.ts'
import type { Recommendation } from './advice-options.ts'

type Values = Readonly<Record<string, number>>

/** Returns values of a policy as arguments of `@cache`. */
export function sdlOf(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
}

/**
 * Returns a command that sets values of a policy at run time, with the variables of the command line. The API replaces the whole override of a field,
 * so the command repeats the values that must stay.
 * @param staying Values that must stay, unless they are among those to set.
 */
export function runTimeSnippet(coordinate: string, values: Values, staying: Values): Recommendation['snippets'][number] {
  const body = { set: [{ coordinate, values: { ...staying, ...values } }] } satisfies ChangePoliciesInput
  const headers = `-H "authorization: Bearer $TIDEGATE_TOKEN" -H 'content-type: application/json'`
  const others = Object.keys(staying).filter((name) => !(name in values))
  const why = others.length === 0 ? '' : `; it also sets ${others.join(', ')}, because it replaces the whole override`
  return {
    where: `at run time, until it is reset${why}`,
    text: `curl -s "$TIDEGATE_URL${BASE_PATH}/policies" ${headers} -d '${JSON.stringify(body)}'`,
  }
}
