import { dump, openRestored, restoreDump, restoreFault } from './restored.ts'

export const fault = restoreFault({
  id: 'F25',
  title: 'a dump is restored in place while no instance reaches the database',
  cutOff: 'all',
  by: 'stopping it',
  back: async (restoring) => {
    await dump(restoring)
    return async () => {
      await restoreDump(restoring.file, restoring.database.url, ['--clean', '--if-exists'])
      return openRestored(restoring.context, restoring.database.url)
    }
  },
})
