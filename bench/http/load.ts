import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Results of one run of wrk (the load generator) against one server. */
export interface Load {
  readonly requests: number
  readonly requestsPerSecond: number
  /** Median latency, ms. */
  readonly p50: number
  /** 99th percentile of the latency, ms. */
  readonly p99: number
  /** Bytes per response, including its headers. */
  readonly bytesPerAnswer: number
}

/** Describes the requests that wrk sends. */
export interface Script {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  /** Path of the URL with the query string. */
  readonly path: string
  readonly body?: string
  /** Lua code that defines a local function `body`, which returns the body of each request. */
  readonly bodies?: string
  /** Lua code that defines a local function `target`, which returns the path of each request. */
  readonly targets?: string
  /** Name of a header field that has another value in each request. */
  readonly field?: string
  /** Values of the header Authorization, which the requests carry in turn. */
  readonly authorizations?: readonly string[]
}

export const CONNECTIONS = 64
const LOAD_CORE = '1'
/** Time limit for a response. */
const TIMEOUT = '10s'
const run = promisify(execFile)

/** Writes a Lua script for wrk. {@link measure} runs wrk with this script. */
export async function writeScript(
  path: string,
  { method, headers, path: target, body, bodies, targets, field, authorizations }: Script,
): Promise<void> {
  const lines = [
    `wrk.method = "${method}"`,
    `wrk.path = [==[${target}]==]`,
    ...Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = [==[${value}]==]`),
    ...(body === undefined ? [] : [`wrk.body = [==[${body}]==]`]),
    ...(bodies === undefined ? [] : [bodies, 'function request() return wrk.format(nil, nil, nil, body()) end']),
    ...(targets === undefined ? [] : [targets, 'function request() return wrk.format(nil, target()) end']),
    ...(field === undefined ? [] : [everNew(field)]),
    ...(authorizations === undefined ? [] : [inTurn(authorizations)]),
    REPORT,
  ]
  await writeFile(path, `${lines.join('\n')}\n`)
}

function inTurn(authorizations: readonly string[]): string {
  return `local authorizations = { ${authorizations.map((value) => `[==[${value}]==]`).join(', ')} }
local turn = 0
function request()
  turn = turn % #authorizations + 1
  wrk.headers["authorization"] = authorizations[turn]
  return wrk.format()
end`
}

function everNew(field: string): string {
  return `local number = math.random(0, 2 ^ 30) * 2 ^ 20
function request()
  number = number + 1
  wrk.headers["${field}"] = string.format("%.0f", number)
  return wrk.format()
end`
}

const REPORT = `function done(summary, latency)
  local errors = summary.errors
  local broken = string.format("%d connect, %d read, %d write, %d timeout", errors.connect, errors.read, errors.write, errors.timeout)
  io.write(string.format('{"requests":%d,"us":%d,"bytes":%d,"p50":%d,"p99":%d,"refused":%d,"broken":"%s"}\\n', summary.requests,
    summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), errors.status, broken))
end`

interface Report {
  readonly requests: number
  /** Duration of the run of wrk, us. */
  readonly us: number
  readonly bytes: number
  /** Median latency, us. */
  readonly p50: number
  /** 99th percentile of the latency, us. */
  readonly p99: number
  /** Number of responses that were neither 2xx nor 3xx. */
  readonly refused: number
  /** Text with the numbers of connection failures, by kind. */
  readonly broken: string
}

/**
 * Runs wrk once, on the core that is reserved for the load generator.
 * @throws when a response was neither 2xx nor 3xx, or a connection failed.
 */
export async function measure(url: string, script: string, seconds: number): Promise<Load> {
  const limits = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', TIMEOUT]
  const { stdout } = await run('taskset', ['-c', LOAD_CORE, 'wrk', ...limits, '-s', script, url])
  const line = stdout.split('\n').find((candidate) => candidate.startsWith('{'))
  if (line === undefined) throw new Error(`Expected the report of wrk in its output, got:\n${stdout}`)
  const { requests, us, bytes, p50, p99, refused, broken } = JSON.parse(line) as Report
  if (refused > 0 || /[1-9]/.test(broken))
    throw new Error(
      `wrk with ${script}: ${refused} of ${requests} responses had a status other than 2xx or 3xx; failed connections: ${broken}.`,
    )
  return { requests, requestsPerSecond: (requests * 1e6) / us, p50: p50 / 1000, p99: p99 / 1000, bytesPerAnswer: bytes / requests }
}
