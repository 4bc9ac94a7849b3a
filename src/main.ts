import cluster from 'node:cluster'
import { ignoreBrokenPipes } from './start/broken-pipes.ts'
import { Shutdown } from './start/shutdown.ts'

const shutdown = new Shutdown({
  process,
  isWorker: cluster.isWorker,
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs).unref()
    return { cancel: () => clearTimeout(timer) }
  },
})
ignoreBrokenPipes([process.stdout, process.stderr])
// All else is loaded only now: that takes a second, in which a signal must not get lost.
const { run } = await import('./start/run.ts')
await run(shutdown)
