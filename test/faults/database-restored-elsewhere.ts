import pg from 'pg'
import { dump, openRestored, restoreDump, restoreFault } from './restored.ts'

export const fault = restoreFault({
  id: 'F27',
  title: 'a dump is restored on another server, which takes over',
  cutOff: 'one',
  by: 'stopping it',
  back: async (restoring) => {
    const { context, database, address, file } = restoring
    await dump(restoring)
    const other = await context.postgres()
    const client = new pg.Client({ connectionString: other.url })
    await client.connect()
    await client.query('create database restored')
    await client.end()
    return async () => {
      const url = database.urlThrough(other.port)
      await restoreDump(file, url)
      address.target = other.port
      address.cut()
      return openRestored(context, url)
    }
  },
})
