import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { childrenOf } from '../../test/servers/processes.ts'

/** Returns the id of the main process of a database server on this machine (Linux only). */
export async function postmasterOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const status = await readFile(`/proc/${rows[0]?.pid}/status`, 'utf8')
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1])
}

/** Duration of a clock tick of Linux, ms. */
const TICK_MS = 10

/** Returns the CPU time that all processes of a database server have used so far, also those that have ended, ms. */
export async function processorMs(postmaster: number): Promise<number> {
  const times = await Promise.all(
    (await childrenOf(postmaster)).map(async (pid) => {
      const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0')
      return Number(text.split(' ')[0]) / 1e6
    }),
  )
  const fields = (await readFile(`/proc/${postmaster}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return times.reduce((sum, ms) => sum + ms, TICK_MS * (Number(fields[13]) + Number(fields[14])))
}
