import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { OwnGatewayOptions } from './gateway/own-gateway.ts'
import { LoadError } from './load-error.ts'

export const USAGE = `Runs a load test of k6/ on a stand-in for k6. Without BASE_URL it starts a gateway of its own.

  npm run load -- SCENARIO [--rate 100] [--duration 30s] [--vus 100] [--distribution zipf|uniform] [--out FOLDER]
  npm run load -- load --data large [--cache off] [--workers 2]
  npm run load -- write-mix --faults [--data large]

  SCENARIO        smoke, load, stress, spike, soak, stampede, write-mix, or the path of a script
  --rate          iterations a second; in ramps the highest
  --duration      of the whole run
  --vus           virtual users
  --distribution  zipf: what ranks high is asked most; uniform: all is asked alike
  --base-url      a gateway that runs already (or BASE_URL); TOKENS holds tokens of editors, separated by commas
  --data          sample, or large: 1,000,000 bids, 200,000 domains, 2,000 campaigns and 50 tenants, built once a day in some minutes
  --tenants       tenants whose users send requests, the largest ones; by default all
  --cache         off: the gateway that is started reads everything from the database
  --workers       processes of the gateway that is started, 1 by default
  --faults        two gateways behind nginx; Redis is restarted twice during the run, and one gateway is killed and restarted
  --campaigns     campaigns of the gateway's own database, 60 by default
  --scale         traffic in it, 0.3 by default; 1 is some 20,000 bids
  --env           further variables for the script, such as WRITE_SHARE=0.5
  --out           writes report.json and report.html into this folder
  --quiet         prints no progress
`

export interface Arguments {
  readonly name: string
  readonly script: URL
  /** Environment variables that the script can read. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Address of the gateway to test; undefined to start a gateway for the run. */
  readonly baseUrl: string | undefined
  /** Options of the gateway to start if `baseUrl` is undefined. */
  readonly own: OwnGatewayOptions
  readonly out: string | undefined
  readonly isQuiet: boolean
}

const ROOT = join(import.meta.dirname, '..')

/** Parses the command line. @throws LoadError USAGE that says what was expected. */
export function readArguments(given: readonly string[], env: Readonly<Record<string, string | undefined>>): Arguments | 'help' {
  const { values, positionals } = parsed(given)
  if (values.help) return 'help'
  const [scenario, ...others] = positionals
  if (scenario === undefined || others.length > 0)
    throw new LoadError('USAGE', `Expected one scenario, got ${positionals.length}.\n${USAGE}`)
  const own = join(ROOT, 'k6', `${scenario}.ts`)
  const path = existsSync(own) ? own : resolve(scenario)
  if (!existsSync(path)) throw new LoadError('USAGE', `Expected a scenario or the path of a script, got "${scenario}".\n${USAGE}`)
  const baseUrl = values['base-url'] ?? env['BASE_URL']
  if (values.faults && baseUrl !== undefined)
    throw new LoadError('USAGE', '--faults disturbs only servers that this command starts: leave out --base-url and BASE_URL.')
  return {
    name: scenario,
    script: pathToFileURL(path),
    env: {
      ...env,
      ...variablesOf(values),
      ...(baseUrl === undefined ? {} : { BASE_URL: baseUrl }),
      ...(values.faults ? { FAULTS: 'on' } : {}),
    },
    baseUrl,
    own: ownOf(values),
    out: values.out,
    isQuiet: values.quiet,
  }
}

function parsed(given: readonly string[]) {
  try {
    return parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        rate: { type: 'string' },
        duration: { type: 'string' },
        vus: { type: 'string' },
        distribution: { type: 'string' },
        'base-url': { type: 'string' },
        data: { type: 'string', default: 'sample' },
        tenants: { type: 'string', default: '50' },
        cache: { type: 'string', default: 'on' },
        workers: { type: 'string', default: '1' },
        faults: { type: 'boolean', default: false },
        campaigns: { type: 'string', default: '60' },
        scale: { type: 'string', default: '0.3' },
        env: { type: 'string', short: 'e', multiple: true, default: [] },
        out: { type: 'string' },
        quiet: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new LoadError('USAGE', `${error instanceof Error ? error.message : error}\n${USAGE}`)
  }
}

type Values = ReturnType<typeof parsed>['values']

function ownOf(values: Values): OwnGatewayOptions {
  const sample = { campaigns: numberOf('campaigns', values.campaigns), scale: numberOf('scale', values.scale) }
  return {
    data: oneOf('data', values.data, ['sample', 'large']) === 'large' ? 'large' : sample,
    tenants: numberOf('tenants', values.tenants),
    cache: oneOf('cache', values.cache, ['on', 'off']),
    workers: numberOf('workers', values.workers),
    hasFaults: values.faults,
  }
}

function oneOf<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text)
  if (choice !== undefined) return choice
  throw new LoadError('USAGE', `--${name}: expected ${choices.join(' or ')}, got "${text}".`)
}

function variablesOf({ rate, duration, vus, distribution, env }: Values): Readonly<Record<string, string>> {
  const named = { RATE: rate, DURATION: duration, VUS: vus, DISTRIBUTION: distribution }
  const pairs = env.map((pair) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? []
    if (name === undefined || value === undefined) throw new LoadError('USAGE', `--env: expected NAME=VALUE, got "${pair}".`)
    return [name, value] as const
  })
  const given = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return Object.fromEntries([...given, ...pairs])
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new LoadError('USAGE', `--${name}: expected a number greater than 0, got "${text}".`)
}
