import { openRestored, restoreFault } from './restored.ts'

export const fault = restoreFault({
  id: 'F28',
  title: 'a base backup is started as the new primary while no instance reaches it',
  cutOff: 'all',
  by: 'a black hole',
  back: async ({ context, server, database, address }) => {
    const copy = await server.copy()
    context.defer(() => copy.stop())
    return async () => {
      await server.halt('SIGKILL')
      await copy.start()
      address.target = copy.port
      address.cut()
      return openRestored(context, database.urlThrough(copy.port))
    }
  },
})
