/** Main program of one instance: executes the requests that its parent process sends, and reports uncaught errors to the parent process. */
import { runOwnWorkload } from './own-workload.ts'
import type { Answers, Call, Reply, Request } from './protocol.ts'
import { ServedThings } from './served-things.ts'

function reply(message: Reply): void {
  if (process.connected) process.send?.(message)
}

function startAnswering(): void {
  let served: ServedThings | undefined
  const things = () => {
    if (!served) throw new Error('The instance was not configured.')
    return served
  }
  const answer = async (call: Call): Promise<Answers[keyof Answers]> => {
    switch (call.kind) {
      case 'configure':
        served = await ServedThings.start(call.settings)
        return null
      case 'read':
        return things().read(call)
      case 'list':
        return things().list(call)
      case 'write':
        return things().write(call)
      case 'workload':
        return runOwnWorkload(things(), call)
      case 'holdLoads':
        things().holdLoads()
        return null
      case 'releaseLoads':
        things().releaseLoads()
        return null
      case 'forgetLoads':
        things().tally.forgetLoads()
        return null
      case 'stats':
        return things().stats()
      case 'collectGarbage':
        globalThis.gc?.()
        return null
      case 'invalidate':
        await things().invalidate(call.tags)
        return null
      case 'trim':
        await things().trim()
        return null
      case 'shiftWallClock':
        things().shiftWallClock(call.byMs)
        return null
      case 'close':
        await served?.close()
        return null
    }
  }
  process.on('message', ({ number, call }: Request) => {
    answer(call).then(
      (result) => reply({ number, answer: result }),
      (error: unknown) => reply({ number, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }),
    )
  })
  const tell = (error: unknown) => reply({ uncaught: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  process.on('unhandledRejection', tell)
  process.on('uncaughtException', tell)
  // Exits with the parent process, because no other process would stop the instance.
  process.on('disconnect', () => process.exit(1))
}

startAnswering()
