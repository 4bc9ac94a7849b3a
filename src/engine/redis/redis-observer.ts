import type { OpenStep } from '../cache/index.ts'

/** A command that is sent to Redis for one reader. */
export interface RedisCommand {
  /** Name of the command, such as `MGET`. */
  readonly name: string
  /** Number of keys of this reader. Readers of other requests may share the command. */
  readonly keys: number
}

/** Host name or address of the configured server. The values contain no credentials. */
export interface RedisServer {
  readonly address: string | undefined
  readonly port: number | undefined
  /** Number of the database within the server. */
  readonly database: number
}

/** Observes the commands that requests wait for. Without an observer, nothing is recorded and nothing is paid. */
export interface RedisObserver {
  beginCommand(command: RedisCommand, server: RedisServer): OpenStep
}
