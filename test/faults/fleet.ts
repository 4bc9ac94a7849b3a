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

/** One instance, a process of its own. Calls reject when the process is gone or the instance itself failed. */
export interface Instance {
  /** Place in the fleet. */
  readonly index: number
  /** To be stopped, continued and killed. */
  readonly process: ChildProcess
  read(call: Without<ReadCall>): Promise<readonly ReadResult[]>
  list(call: Without<ListCall>): Promise<ServedList | ReadFailure>
  write(call: Without<WriteCall>): Promise<WriteResult | WriteFailure>
  workload(call: Without<WorkloadCall>): Promise<WorkloadFigures>
  invalidate(tags: readonly string[]): Promise<void>
  holdLoads(): Promise<void>
  releaseLoads(): Promise<void>
  forgetLoads(): Promise<void>
  /** Trims the log, as every minute's maintenance does. */
  trim(): Promise<void>
  collectGarbage(): Promise<void>
  shiftWallClock(byMs: number): Promise<void>
  stats(): Promise<InstanceStats>
  /** Ends it as a crash does. */
  kill(): Promise<void>
}

export interface FleetSettings extends InstanceSettings {
  readonly instances: number
  /** What instances have of their own, by their place. */
  readonly own?: readonly Partial<InstanceSettings>[]
  /** For node, as `--max-old-space-size=96`. */
  readonly execArgv?: readonly string[]
}

export interface Fleet {
  readonly instances: readonly Instance[]
  /** What nobody caught, in any instance, so far. */
  readonly uncaught: readonly string[]
  /** Ends all that still run; throws when one had left something uncaught. */
  close(): Promise<void>
}

const CLOSING_MS = 5000

/** Starts instances and resolves when each follows the log. Nothing is left running when one of them cannot start. */
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
  // A message to an instance that was just killed: its calls are rejected when it exits.
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

/** In good order; one that does not come to an end is killed. */
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
