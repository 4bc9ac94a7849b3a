import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** What wrk saw of one server in one run. */
export interface Load {
  readonly requests: number
  readonly requestsPerSecond: number
  /** ms */
  readonly p50: number
  /** ms */
  readonly p99: number
  /** With headers. */
  readonly bytesPerAnswer: number
}

/** What wrk is to send. */
export interface Script {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  /** Path with search. */
  readonly path: string
  readonly body?: string
  /** Lua with a local function `body`, which gives each request's. */
  readonly bodies?: string
}

const CONNECTIONS = 64
const LOAD_CORE = '1'
/** For an answer. */
const TIMEOUT = '10s'
const run = promisify(execFile)

/** Writes the Lua file that {@link measure} needs. */
export async function writeScript(path: string, { method, headers, path: target, body, bodies }: Script): Promise<void> {
  const lines = [
    `wrk.method = "${method}"`,
    `wrk.path = [==[${target}]==]`,
    ...Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = [==[${value}]==]`),
    ...(body === undefined ? [] : [`wrk.body = [==[${body}]==]`]),
    ...(bodies === undefined ? [] : [bodies, 'function request() return wrk.format(nil, nil, nil, body()) end']),
    REPORT,
  ]
  await writeFile(path, `${lines.join('\n')}\n`)
}

const REPORT = `function done(summary, latency)
  local errors = summary.errors
  local broken = string.format("%d connect, %d read, %d write, %d timeout", errors.connect, errors.read, errors.write, errors.timeout)
  io.write(string.format('{"requests":%d,"us":%d,"bytes":%d,"p50":%d,"p99":%d,"refused":%d,"broken":"%s"}\\n', summary.requests,
    summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), errors.status, broken))
end`

interface Report {
  readonly requests: number
  /** How long it took. */
  readonly us: number
  readonly bytes: number
  /** us */
  readonly p50: number
  /** us */
  readonly p99: number
  /** Answers that were neither 2xx nor 3xx. */
  readonly refused: number
  /** Counts of what went wrong with connections. */
  readonly broken: string
}

/**
 * One run of wrk from the core of the load.
 * @throws when an answer was neither 2xx nor 3xx, or a connection failed.
 */
export async function measure(url: string, script: string, seconds: number): Promise<Load> {
  const limits = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', TIMEOUT]
  const { stdout } = await run('taskset', ['-c', LOAD_CORE, 'wrk', ...limits, '-s', script, url])
  const line = stdout.split('\n').find((candidate) => candidate.startsWith('{'))
  if (line === undefined) throw new Error(`Expected wrk's report, got:\n${stdout}`)
  const { requests, us, bytes, p50, p99, refused, broken } = JSON.parse(line) as Report
  if (refused > 0 || /[1-9]/.test(broken))
    throw new Error(`${script}: of ${requests} answers ${refused} were neither 2xx nor 3xx; connections: ${broken}.`)
  return { requests, requestsPerSecond: (requests * 1e6) / us, p50: p50 / 1000, p99: p99 / 1000, bytesPerAnswer: bytes / requests }
}
