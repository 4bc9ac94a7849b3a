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
  monotonic: () => performance.now(),
})
ignoreBrokenPipes([process.stdout, process.stderr])
// The other modules are imported only after the signal handlers are set, because the import takes a second.
const { run } = await import('./start/run.ts')
await run(shutdown)
