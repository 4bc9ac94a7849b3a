import { type OwnPostgres, startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import type { Fault, FaultContext, FaultResult } from './fault.ts'
import { createFaultDatabase } from './fault-database.ts'
import { startFleet } from './fleet.ts'

type Cleanup = () => Promise<unknown>

/** One run of the suite: the server that faults share, and the end of everything that any of them started. */
export class FaultRun {
  readonly #settings: { readonly quick: boolean; readonly seed: number }
  readonly #cleanups: Cleanup[] = []
  #shared: Promise<OwnPostgres> | undefined
  #databases = 0
  #cleaning: Promise<void> = Promise.resolve()
  #ending: Promise<void> | undefined

  constructor(settings: { readonly quick: boolean; readonly seed: number }) {
    this.#settings = settings
  }

  /** @throws what the fault threw, or what could not be brought to a good end after it. */
  async run(fault: Fault): Promise<FaultResult> {
    let result: FaultResult
    try {
      result = await fault.run(this.#context())
    } catch (error) {
      // What the fault itself says comes first.
      await this.#cleanUp().catch(() => undefined)
      throw error
    }
    await this.#cleanUp()
    return result
  }

  /** Stops all that runs; who calls it again waits for the same end. */
  end(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    await this.#cleanUp().catch(() => undefined)
    const shared = this.#shared
    this.#shared = undefined
    await shared?.then((server) => server.stop()).catch(() => undefined)
  }

  #context(): FaultContext {
    const defer = (cleanup: Cleanup) => void this.#cleanups.push(cleanup)
    // Registered before it has started: an interruption that comes meanwhile must not leave it behind.
    const start = <Started>(begin: () => Promise<Started>, stop: (started: Started) => Promise<void>): Promise<Started> => {
      if (this.#ending) return Promise.reject(new Error('The run is over.'))
      const starting = begin()
      defer(() => starting.then(stop, () => undefined))
      return starting
    }
    return {
      ...this.#settings,
      defer,
      database: async () => {
        this.#shared ??= startPostgres({ max_connections: '300' })
        const server = await this.#shared
        const database = await createFaultDatabase(server.url, `fault_${++this.#databases}`)
        defer(() => database.close())
        return database
      },
      postgres: (settings) =>
        start(
          () => startPostgres(settings),
          (server) => server.stop(),
        ),
      redis: () => start(startRedis, (server) => server.stop()),
      fleet: (settings) =>
        start(
          () => startFleet(settings),
          (fleet) => fleet.close(),
        ),
    }
  }

  /** One after the other: an interruption while a fault cleans up waits until that is done. */
  #cleanUp(): Promise<void> {
    const before = this.#cleaning
    this.#cleaning = before.catch(() => undefined).then(() => this.#stopAll())
    return this.#cleaning
  }

  /** Tells the first failure, after all were given their chance. */
  async #stopAll(): Promise<void> {
    const failures: unknown[] = []
    for (let cleanup = this.#cleanups.pop(); cleanup; cleanup = this.#cleanups.pop()) {
      await cleanup().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
}
