import { openRestored, restoreFault } from './restored.ts'

export const fault = restoreFault(
  'F28',
  'a base backup is started as the new primary',
  'swallowed',
  async ({ context, server, database, address }) => {
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
)
