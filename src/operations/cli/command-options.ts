import type { Arguments, Option } from './command.ts'
import { UsageFailure } from './failure.ts'

/** Options of the commands that use the management API. */
export const API_OPTIONS: Readonly<Record<string, Option>> = {
  url: { type: 'string', value: 'URL', meaning: 'address of the gateway or of its ADMIN_PORT; default: TIDEGATE_URL' },
  token: { type: 'string', value: 'TOKEN', meaning: 'access token with the role ADMIN or OPERATOR; default: TIDEGATE_TOKEN' },
}

/** Option that restricts the figures to one tenant. */
export const TENANT_OPTION: Readonly<Record<string, Option>> = {
  tenant: { type: 'string', value: 'TENANT', meaning: 'only this tenant; an ADMIN always gets the own tenant' },
}

/** Options that name a time range. */
export const WINDOW_OPTIONS: Readonly<Record<string, Option>> = {
  window: {
    type: 'string',
    value: 'TIME',
    meaning: 'length of the time range, such as 15m, 24h or 7d; default: 1h',
    words: ['15m', '1h', '24h', '7d'],
  },
  until: { type: 'string', value: 'TIME', meaning: 'end of the time range, such as 2026-11-27T19:30:00Z; default: now' },
}

/** Returns the value of an option that is a whole number of at least 1. @throws UsageFailure for another value. */
export function positiveNumber(options: Arguments, name: string): number | undefined {
  const text = options.text(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageFailure(`--${name}: expected a whole number of at least 1, got "${text}".`, `Correct --${name}.`)
  return value
}

/** Returns the value of an option that is a time, in ISO 8601. @throws UsageFailure for another value. */
export function timeOf(options: Arguments, name: string): string | undefined {
  const text = options.text(name)
  if (text === undefined) return undefined
  const time = new Date(text)
  if (Number.isNaN(time.getTime()))
    throw new UsageFailure(`--${name}: expected a time such as 2026-11-27T19:30:00Z, got "${text}".`, `Correct --${name}.`)
  return time.toISOString()
}

/** Returns the members of a request that have a value. */
export function present(body: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}

/** Returns the value of an option that is a JSON object. @throws UsageFailure for another value. */
export function jsonObjectOf(options: Arguments, name: string): object | undefined {
  const text = options.text(name)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // The error below says what was expected.
  }
  throw new UsageFailure(`--${name}: expected a JSON object such as {"id": "42"}.`, `Correct --${name}.`)
}
