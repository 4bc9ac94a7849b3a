import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type {
  Answers,
  Call,
  InstanceSettings,
  InstanceStats,
  ListCall,
  ReadCall,
  ReadFailure,
  ReadResult,
  Reply,
  Request,
  ServedList,
  WorkloadCall,
  WorkloadFigures,
  WriteCall,
  WriteFailure,
  WriteResult,
} from './protocol.ts'

type Without<Message> = Omit<Message, 'kind'>

/** One instance in its own process. The promise of each method rejects if the process has exited or if the instance reports an error. */
export interface Instance {
  /** Index of this instance in the fleet. */
  readonly index: number
  /** Process of the instance, so that a fault can suspend, resume and kill it. */
  readonly process: ChildProcess
  read(call: Without<ReadCall>): Promise<readonly ReadResult[]>
  list(call: Without<ListCall>): Promise<ServedList | ReadFailure>
  write(call: Without<WriteCall>): Promise<WriteResult | WriteFailure>
  workload(call: Without<WorkloadCall>): Promise<WorkloadFigures>
  invalidate(tags: readonly string[]): Promise<void>
  holdLoads(): Promise<void>
  releaseLoads(): Promise<void>
  forgetLoads(): Promise<void>
  /** Trims the invalidation log, like the maintenance task that runs every minute. */
  trim(): Promise<void>
  collectGarbage(): Promise<void>
  shiftWallClock(byMs: number): Promise<void>
  stats(): Promise<InstanceStats>
  /** Kills the process like a crash. */
  kill(): Promise<void>
}

export interface FleetSettings extends InstanceSettings {
  readonly instances: number
  /** Settings of individual instances, by their index. */
  readonly own?: readonly Partial<InstanceSettings>[]
  /** Arguments for node, such as `--max-old-space-size=96`. */
  readonly execArgv?: readonly string[]
}

export interface Fleet {
  readonly instances: readonly Instance[]
  /** Uncaught errors of all instances so far. */
  readonly uncaught: readonly string[]
  /** Stops all running instances. Throws if any instance had an uncaught error. */
  close(): Promise<void>
}

const CLOSING_MS = 5000

/**
 * Starts instances, and resolves when each of them syncs the invalidation log. If one instance cannot start, all instances are stopped.
 */
export async function startFleet({ instances: count, own = [], execArgv = [], ...shared }: FleetSettings): Promise<Fleet> {
  const uncaught: string[] = []
  const forked = Array.from({ length: count }, (_, index) => forkInstance(index, execArgv, (error) => uncaught.push(error)))
  try {
    await Promise.all(forked.map(({ ask }, index) => ask({ kind: 'configure', settings: { ...shared, ...own[index] } })))
  } catch (error) {
    await Promise.all(forked.map(({ instance }) => instance.kill()))
    throw error
  }
  return {
    instances: forked.map(({ instance }) => instance),
    uncaught,
    close: async () => {
      await Promise.all(forked.map(({ instance, ask }) => endInstance(instance, () => ask({ kind: 'close' }))))
      if (uncaught.length > 0) throw new Error(`An instance left something uncaught: ${uncaught.join('; ')}`)
    },
  }
}

interface Forked {
  readonly instance: Instance
  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]>
}

function forkInstance(index: number, execArgv: readonly string[], onUncaught: (error: string) => void): Forked {
  const program = fileURLToPath(new URL('instance.ts', import.meta.url))
  const child = fork(program, { execArgv: [...execArgv], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const waiting = new Map<number, PromiseWithResolvers<never>>()
  let asked = 0
  child.on('message', (message: Reply) => {
    if ('uncaught' in message) return onUncaught(`instance ${index}: ${message.uncaught}`)
    const call = waiting.get(message.number)
    waiting.delete(message.number)
    if ('error' in message) call?.reject(new Error(message.error))
    else call?.resolve(message.answer as never)
  })
  child.on('exit', (code, signal) => {
    if (signal !== 'SIGKILL' && code !== 0) onUncaught(`instance ${index} ended with ${signal ?? code}`)
    for (const { reject } of waiting.values()) reject(new Error('The instance is gone.'))
    waiting.clear()
  })
  // Sending to a killed instance fails. The pending calls of that instance reject when the exit event arrives.
  child.on('error', () => undefined)
  const ask = <Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]> => {
    if (hasEnded(child)) return Promise.reject(new Error('The instance is gone.'))
    const number = ++asked
    const answered = Promise.withResolvers<never>()
    waiting.set(number, answered)
    child.send({ number, call } satisfies Request, () => undefined)
    return answered.promise
  }
  const tell = async (call: Call) => void (await ask(call))
  const instance: Instance = {
    index,
    process: child,
    read: (call) => ask({ kind: 'read', ...call }),
    list: (call) => ask({ kind: 'list', ...call }),
    write: (call) => ask({ kind: 'write', ...call }),
    workload: (call) => ask({ kind: 'workload', ...call }),
    invalidate: (tags) => tell({ kind: 'invalidate', tags }),
    holdLoads: () => tell({ kind: 'holdLoads' }),
    releaseLoads: () => tell({ kind: 'releaseLoads' }),
    forgetLoads: () => tell({ kind: 'forgetLoads' }),
    trim: () => tell({ kind: 'trim' }),
    collectGarbage: () => tell({ kind: 'collectGarbage' }),
    shiftWallClock: (byMs) => tell({ kind: 'shiftWallClock', byMs }),
    stats: () => ask({ kind: 'stats' }),
    kill: async () => {
      if (hasEnded(child)) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
  return { instance, ask }
}

/** Closes an instance gracefully, and kills it if it does not end. */
async function endInstance(instance: Instance, close: () => Promise<unknown>): Promise<void> {
  if (!hasEnded(instance.process)) {
    instance.process.kill('SIGCONT')
    const timeout = Promise.withResolvers<void>()
    const timer = setTimeout(timeout.resolve, CLOSING_MS)
    await Promise.race([close().catch(() => undefined), timeout.promise])
    clearTimeout(timer)
  }
  await instance.kill()
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
