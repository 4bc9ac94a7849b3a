import type { Cache } from '../../engine/cache/cache.ts'
import type { Session } from '../../engine/cache/model/session.ts'
import { GatewayError } from '../../errors.ts'
import type { WriteContext } from '../contract/module.ts'
import type { Principal } from '../identity/principal.ts'

export interface WritePathOptions {
  readonly cache: Pick<Cache, 'openSession' | 'now' | 'acknowledge' | 'demandBarrier'>
  /**
   * Runs `work` in a transaction, and runs it again on deadlock or serialization failure. Resolves once the transaction is committed.
   * @param cause Cause of the writes for the invalidation log, see `WriteCause`. Undefined: the application_name of the connection.
   */
  readonly inTransaction: <Result>(work: (transaction: WriteContext['db']) => Promise<Result>, cause: string | undefined) => Promise<Result>
  /** Returns whether an error says that the database cannot be reached. After such an error, it is unknown whether a COMMIT succeeded. */
  readonly isUnavailable: (error: unknown) => boolean
}

/** Result of a write, and the consistency token of the write: a request that carries this token sees the write, on any instance. */
export interface Written<Result> {
  readonly result: Result
  readonly token: string
}

/**
 * Writes to the database, and makes later reads see the write. Resolvers, jobs, scripts and webhooks can use this class. Writing does not
 * need a request.
 */
export class WritePath {
  readonly #options: WritePathOptions

  constructor(options: WritePathOptions) {
    this.#options = options
  }

  /**
   * Writes in one transaction, as `writer` and for the writer's tenant. Once the promise resolves, reads of the session see the write.
   * @param work Runs again on deadlock or serialization failure, so it must have no effect outside the transaction.
   * @param cause Cause of the write for the invalidation log, see `WriteCause`.
   * @throws the error of `work`; CommitOutcomeUnknown if the connection broke during COMMIT.
   */
  write<Result>(
    writer: Principal,
    work: (write: WriteContext) => Promise<Result>,
    session: Session = this.#options.cache.openSession(),
    cause?: string,
  ): Promise<Written<Result>> {
    const { cache, inTransaction } = this.#options
    const contextOf = (db: WriteContext['db']): WriteContext =>
      Object.freeze({ db, tenant: writer.tenant, viewer: writer, now: cache.now() })
    // Step 1 is the transaction. Triggers on the tables write the tags of every changed row to the invalidation log.
    const commit = () => inTransaction((db) => work(contextOf(db)), cause)
    // Step 2 is the barrier: this process applies the invalidations of the write. Step 3 is to create the consistency token.
    return this.acknowledge(commit, session)
  }

  /**
   * Runs `commit`, and makes later reads see the write. `commit` can store the write in any way. For example, a queue commits many writes
   * together.
   * @param commit Resolves once the write is committed.
   */
  async acknowledge<Result>(commit: () => Promise<Result>, session: Session = this.#options.cache.openSession()): Promise<Written<Result>> {
    const { cache, isUnavailable } = this.#options
    try {
      const result = await commit()
      return { result, token: await cache.acknowledge(session) }
    } catch (error) {
      // The transaction may have been committed although an error came back. So the next read on this instance must first read the
      // invalidation log.
      if (isUnavailable(error) || (error instanceof GatewayError && error.code === 'UNAVAILABLE')) cache.demandBarrier(session)
      throw error
    }
  }
}
