import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../../test/servers/free-port.ts'
import { LoadError } from '../load-error.ts'

const ROOT = join(import.meta.dirname, '../..')
const READY_MS = 60_000

/** A gateway that a run starts. It has the same address after a restart. */
export class GatewayProcess {
  readonly url: string
  readonly #env: Readonly<Record<string, string>>
  #child: ChildProcess | undefined

  /** Starts a gateway. Resolves when the gateway is ready. @throws LoadError GATEWAY if it ends early or is not ready within a minute. */
  static async start(env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(env, await freePort())
    await gateway.start()
    return gateway
  }

  private constructor(env: Readonly<Record<string, string>>, port: number) {
    this.#env = { ...env, PORT: String(port) }
    this.url = `http://127.0.0.1:${port}`
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [join(ROOT, 'src/main.ts')], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...this.#env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new LoadError('GATEWAY', `The gateway was not ready in ${READY_MS} ms.`)), READY_MS)
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve()
    })
    child.on('exit', (code) => reject(new LoadError('GATEWAY', `The gateway ended with ${code} before it was ready.`)))
    await promise.finally(() => clearTimeout(timer))
  }

  /** Ends the gateway and waits until its process has ended. SIGTERM shuts the gateway down gracefully; SIGKILL ends it as a crash does. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
}
