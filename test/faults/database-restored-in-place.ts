import { dump, openRestored, restoreDump, restoreFault } from './restored.ts'

export const fault = restoreFault('F25', 'a dump is restored in place, one instance stopped meanwhile', 'stopped', async (restoring) => {
  await dump(restoring)
  return async () => {
    await restoreDump(restoring.file, restoring.database.url, ['--clean', '--if-exists'])
    return openRestored(restoring.context, restoring.database.url)
  }
})
