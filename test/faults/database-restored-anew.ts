import pg from 'pg'
import { dump, openRestored, restoreDump, restoreFault } from './restored.ts'

export const fault = restoreFault({
  id: 'F26',
  title: 'a database is dropped, made again and restored, one instance cut off',
  cutOff: 'one',
  by: 'a black hole',
  back: async (restoring) => {
    const { context, server, database, file } = restoring
    await dump(restoring)
    return async () => {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      await database.close()
      await client.query('drop database restored with (force)')
      await client.query('create database restored')
      await client.end()
      await restoreDump(file, database.url)
      return openRestored(context, database.url)
    }
  },
})
