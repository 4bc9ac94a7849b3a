import type { MetricRegistry } from '../metrics/registry.ts'
import type { VirtualUser } from '../run/virtual-user.ts'
import { asyncRequest } from './http.ts'
import { refusingOthers } from './refuse.ts'

/**
 * Modules of k6 that scripts can import, with the supported exports of each module. `k6/options` is not listed, because it exports only
 * types.
 */
export const SUPPORTED = {
  k6: ['check'],
  'k6/http': ['asyncRequest'],
  'k6/metrics': ['Counter', 'Rate', 'Trend'],
  'k6/execution': ['scenario', 'vu', 'test'],
} as const

export type ModuleName = keyof typeof SUPPORTED
export type Modules = Readonly<Record<ModuleName, Readonly<Record<string, unknown>>>>

type Checks = Readonly<Record<string, (value: unknown) => boolean>>

/** Returns the k6 modules for one virtual user. */
export function modulesOf(user: VirtualUser, registry: MetricRegistry): Modules {
  const modules = {
    k6: { check: (value: unknown, checks: Checks, tags: object = {}) => check(user, registry, value, checks, tags) },
    'k6/http': {
      asyncRequest: (method: string, url: string, body?: unknown, params?: object | null) =>
        asyncRequest(user, registry, method, url, body, params ?? {}),
    },
    'k6/metrics': metricClasses(user, registry),
    'k6/execution': execution(user),
  }
  return Object.fromEntries(Object.entries(modules).map(([name, values]) => [name, refusingOthers(values, name)])) as unknown as Modules
}

function check(user: VirtualUser, registry: MetricRegistry, value: unknown, checks: Checks, tags: object): boolean {
  let isGood = true
  for (const [name, holds] of Object.entries(checks)) {
    const passes = Boolean(holds(value))
    registry.add('checks', Number(passes), { ...user.tags(), ...tags, check: name })
    isGood &&= passes
  }
  return isGood
}

function metricClasses(user: VirtualUser, registry: MetricRegistry) {
  const metricClass = (type: 'counter' | 'rate' | 'trend') =>
    class {
      readonly name: string

      constructor(name: string, isTime = false) {
        this.name = name
        registry.declare(name, type, isTime ? 'time' : 'default')
      }

      add(value: number | boolean, tags: object = {}): void {
        registry.add(this.name, Number(value), { ...user.tags(), ...tags })
      }
    }
  return { Counter: metricClass('counter'), Rate: metricClass('rate'), Trend: metricClass('trend') }
}

function execution(user: VirtualUser) {
  const scenario = {
    get name() {
      return user.iteration.scenario
    },
    get startTime() {
      return user.iteration.scenarioStartedAt
    },
    get iterationInTest() {
      return user.iteration.number
    },
  }
  const vu = {
    get idInTest() {
      return user.id
    },
  }
  const test = { abort: (reason?: string) => user.abortTest(reason) }
  return {
    scenario: refusingOthers(scenario, 'k6/execution.scenario'),
    vu: refusingOthers(vu, 'k6/execution.vu'),
    test: refusingOthers(test, 'k6/execution.test'),
  }
}
