import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault } from './fault.ts'

/** Matches the files that define a fault. The other files of this folder contain code that the faults share. */
const FAULT_FILE = /^(coherence|database|redis|load)-.*\.ts$/

/** Returns all faults in the order of their numbers. */
export async function findFaults(): Promise<readonly Fault[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => FAULT_FILE.test(file))
  const found = await Promise.all(files.map(async (file): Promise<{ fault?: Fault }> => import(join(import.meta.dirname, file))))
  const ordinal = ({ id }: Fault) => Number(id.slice(1))
  return found.flatMap(({ fault }) => (fault ? [fault] : [])).sort((a, b) => ordinal(a) - ordinal(b))
}
