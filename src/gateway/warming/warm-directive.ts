import { Cron } from 'croner'
import { type OperationDefinitionNode, valueFromASTUntyped } from 'graphql'
import { tenantTag } from '../../engine/cache/model/entity.ts'
import type { Role } from '../identity/principal.ts'
import type { WarmOperation, WarmTimes } from './warm-operation.ts'
import { problemOfStarts, type WarmVariables } from './warm-variables.ts'

/** Roles that a caller of a warmed operation can have. An operator reads no data of tenants. */
const ROLES: readonly Role[] = ['VIEWER', 'EDITOR', 'ADMIN']
const ARGUMENTS = ['cron', 'timeZone', 'tenants', 'roles', 'variables']

export type WarmSettings = Pick<WarmOperation, 'times' | 'variables' | 'tenants' | 'roles'>

/** Reads the arguments of `@warm`. Each problem is reported to `refuse`, and the default value of the wrong argument is used instead. */
export function readWarmDirective({ directives = [] }: OperationDefinitionNode, refuse: (problem: string) => void): WarmSettings {
  const [directive, ...others] = directives.filter(({ name }) => name.value === 'warm')
  if (!directive) refuse('expected @warm, got none. Add @warm(cron: "0 * * * *", tenants: ACTIVE), or remove the query.')
  if (others.length > 0) refuse('expected one @warm, got more. Write a second query for another schedule.')
  const given = new Map((directive?.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value) as unknown]))
  for (const name of given.keys())
    if (!ARGUMENTS.includes(name)) refuse(`expected an argument of @warm (${ARGUMENTS.join(', ')}), got ${name}. Remove it.`)
  return {
    times: timesOf(given.get('cron'), given.get('timeZone') ?? 'UTC', refuse),
    tenants: tenantsOf(given.get('tenants'), refuse),
    roles: rolesOf(given.get('roles') ?? ['VIEWER'], refuse),
    variables: variablesOf(given.get('variables') ?? {}, refuse),
  }
}

function timesOf(cron: unknown, timeZone: unknown, refuse: (problem: string) => void): WarmTimes | undefined {
  if (cron === undefined) return undefined
  if (typeof cron !== 'string' || typeof timeZone !== 'string') {
    refuse('expected cron and timeZone to be texts, such as cron: "0 7 * * 1-5", timeZone: "Europe/Berlin". Put them in quotes.')
    return undefined
  }
  try {
    if (new Cron(cron, { timezone: timeZone, paused: true }).nextRun() === null)
      refuse(`expected a cron pattern that has a next time, got ${JSON.stringify(cron)}. Write one, or remove cron.`)
    return { cron, timeZone }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    refuse(
      `expected a cron pattern such as "0 7 * * 1-5" and a time zone such as "Europe/Berlin", got ${JSON.stringify(cron)} in ${JSON.stringify(timeZone)} (${reason}). Correct it.`,
    )
    return undefined
  }
}

function tenantsOf(tenants: unknown, refuse: (problem: string) => void): WarmOperation['tenants'] {
  if (tenants === undefined || tenants === 'ACTIVE') return tenants
  const names: readonly unknown[] = Array.isArray(tenants) ? tenants : [tenants]
  if (names.length > 0 && names.every(isTenant)) return names
  refuse(`expected tenants to be ACTIVE or a list such as ["acme"], got ${JSON.stringify(tenants)}. Write one of them.`)
  return undefined
}

function isTenant(name: unknown): name is string {
  try {
    return typeof name === 'string' && tenantTag(name) === name
  } catch {
    return false
  }
}

function rolesOf(roles: unknown, refuse: (problem: string) => void): readonly Role[] {
  const names: readonly unknown[] = Array.isArray(roles) ? roles : [roles]
  const found = ROLES.filter((role) => names.includes(role))
  if (names.length > 0 && found.length === new Set(names).size) return found
  refuse(`expected roles to be a list of ${ROLES.join(', ')}, got ${JSON.stringify(roles)}. Write at least one of them.`)
  return ['VIEWER']
}

function variablesOf(variables: unknown, refuse: (problem: string) => void): readonly WarmVariables[] {
  const sets: readonly unknown[] = Array.isArray(variables) ? variables : [variables]
  const problem = sets.map(problemOfStarts).find((found) => found !== undefined)
  if (problem !== undefined) refuse(problem)
  if (sets.length > 0 && sets.every(isObject)) return problem === undefined ? sets : [{}]
  refuse(
    `expected variables to be an object such as { first: 20 }, or a list of objects, got ${JSON.stringify(variables)}. Write one of them.`,
  )
  return [{}]
}

function isObject(value: unknown): value is WarmVariables {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
