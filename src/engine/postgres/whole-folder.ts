import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Fills an empty folder by `create`, or opens a folder that was filled before, also by `create`. While an empty folder is being filled, a
 * file beside it marks the folder as incomplete. If the process ends before the folder is complete, the next call empties the folder first.
 */
export async function createWhole<Result>(folder: string, create: () => Promise<Result>): Promise<Result> {
  const mark = `${folder}.incomplete`
  if (existsSync(mark)) for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
  else if ((await readdir(folder)).length > 0) return create()
  await writeFile(mark, '')
  const created = await create()
  await rm(mark)
  return created
}
