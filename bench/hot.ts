/**
 * How fast a cached answer is, beside bare node:http sending the same bytes: `npm run bench`. Needs wrk and taskset, two cores,
 * and a database (DATABASE_URL, by default the one at its usual place). Server on one core, load on the other; the two take turns.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs, promisify } from 'node:util'

const run = promisify(execFile)
const QUERIES = {
  small: '{ campaigns(first: 1) { nodes { id name } } }',
  list: '{ campaigns(first: 20) { nodes { id name status keywords tlds createdAt updatedAt version domainCount owner { id name email } budget { amount currency } } } }',
}
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' }, limit: { type: 'string' } },
})

if (values.limit !== undefined) {
  serveBytes(Buffer.from(values.limit, 'base64url'))
} else {
  await compare(Number(values.rounds), Number(values.seconds))
}

/** The limit: reads the body, sends bytes. */
function serveBytes(bytes: Buffer): void {
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes))
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`)
  })
}

async function compare(rounds: number, seconds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'))
  const env = { ...process.env, NODE_ENV: 'development', PORT: '0', LOG_LEVEL: 'info', EMBEDDED_DIR: join(folder, 'database') }
  const gateway = await startPinned(['src/main.ts'], /"url":"([^"]+)".*"ready"/, env)
  try {
    process.stdout.write('| query | bytes | node:http requests/s | tidegate requests/s | ratio |\n|---|---|---|---|---|\n')
    for (const [name, query] of Object.entries(QUERIES)) {
      const script = join(folder, 'post.lua')
      const body = JSON.stringify({ query })
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${gateway.token}` }
      await writeFile(
        script,
        `wrk.method = "POST"\nwrk.body = [==[${body}]==]\n${Object.entries(headers)
          .map(([key, value]) => `wrk.headers["${key}"] = "${value}"`)
          .join('\n')}\n`,
      )
      const ask = () => fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })
      await ask()
      const answer = await ask()
      const bytes = Buffer.from(await answer.arrayBuffer())
      if (answer.status !== 200 || answer.headers.get('x-cache') !== 'HIT')
        throw new Error(`${name} is not answered from the cache: ${answer.status} ${bytes}`)
      const limit = await startPinned(['bench/hot.ts', '--limit', bytes.toString('base64url')], /^(http:.*)$/, env)
      const rates: { limit: number; gateway: number }[] = []
      for (let round = 0; round < rounds; round++) {
        rates.push({ limit: await measure(limit.url, script, seconds), gateway: await measure(`${gateway.url}/graphql`, script, seconds) })
      }
      limit.stop()
      const [bare, ours, ratio] = [
        rates.map((rate) => rate.limit),
        rates.map((rate) => rate.gateway),
        rates.map((rate) => rate.gateway / rate.limit),
      ].map(median)
      process.stdout.write(`| ${name} | ${bytes.length} | ${bare?.toFixed(0)} | ${ours?.toFixed(0)} | ${ratio?.toFixed(3)} |\n`)
    }
  } finally {
    gateway.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function startPinned(args: readonly string[], ready: RegExp, env: NodeJS.ProcessEnv) {
  const child = spawn('taskset', ['-c', '0', process.execPath, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  let url: string | undefined
  for await (const line of lines) {
    url ??= ready.exec(line)?.[1]
    const token = /^ {2}VIEWER +(\S+)/.exec(line)?.[1]
    if (url !== undefined && (token !== undefined || args.includes('--limit')))
      return { url, token: token ?? '', stop: () => child.kill('SIGTERM') }
  }
  await once(child, 'exit')
  throw new Error(`${args[0]} ended before it was ready.`)
}

async function measure(url: string, script: string, seconds: number): Promise<number> {
  const { stdout } = await run('taskset', ['-c', '1', 'wrk', '-t1', '-c64', `-d${seconds}s`, '-s', script, url])
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1]
  if (failed !== undefined) throw new Error(`${failed} answers were not 2xx.`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number
}
