import type { ChangePoliciesInput } from '../contract.ts'
import { BASE_PATH } from '../openapi.ts'

/** Returns values of a policy as arguments of `@cache`. */
export function sdlOf(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
}

/** Returns a command that changes policies at run time, with the variables of the command line. */
export function policiesCall(body: ChangePoliciesInput): string {
  const headers = `-H "authorization: Bearer $TIDEGATE_TOKEN" -H 'content-type: application/json'`
  return `curl -s "$TIDEGATE_URL${BASE_PATH}/policies" ${headers} -d '${JSON.stringify(body)}'`
}
