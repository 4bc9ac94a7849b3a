import { type OwnPostgres, startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import type { Fault, FaultContext, FaultResult } from './fault.ts'
import { createFaultDatabase } from './fault-database.ts'
import { startFleet } from './fleet.ts'

type Cleanup = () => Promise<unknown>

/** One run of the fault tests. The run owns the PostgreSQL server that faults share, and stops everything that a fault has started. */
export class FaultRun {
  readonly #settings: Pick<FaultContext, 'quick' | 'minutes' | 'seed'>
  readonly #cleanups: Cleanup[] = []
  #shared: Promise<OwnPostgres> | undefined
  #databases = 0
  #cleaning: Promise<void> = Promise.resolve()
  #ending: Promise<void> | undefined

  constructor(settings: Pick<FaultContext, 'quick' | 'minutes' | 'seed'>) {
    this.#settings = settings
  }

  /** Runs one fault and its cleanups. @throws the error of the fault, or an error while stopping what the fault started. */
  async run(fault: Fault): Promise<FaultResult> {
    let result: FaultResult
    try {
      result = await fault.run(this.#context())
    } catch (error) {
      // The error of the fault is more important than errors of the cleanup.
      await this.#cleanUp().catch(() => undefined)
      throw error
    }
    await this.#cleanUp()
    return result
  }

  /** Stops everything that runs. If `end` is called again, that call waits for the same promise. */
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
    // Registers the cleanup before the start completes, so that an interruption meanwhile does not leave a process
    // behind.
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

  /** Runs one cleanup at a time: an interruption waits while a fault cleans up. */
  #cleanUp(): Promise<void> {
    const before = this.#cleaning
    this.#cleaning = before.catch(() => undefined).then(() => this.#stopAll())
    return this.#cleaning
  }

  /** Runs all cleanups, then throws the first error. */
  async #stopAll(): Promise<void> {
    const failures: unknown[] = []
    for (let cleanup = this.#cleanups.pop(); cleanup; cleanup = this.#cleanups.pop()) {
      await cleanup().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
}
