import { rmSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder {
  readonly path: string
  remove(): Promise<void>
}

/**
 * Creates a folder that everybody may read. The folder is also removed when the process exits, so an interrupted run leaves no
 * folder behind.
 */
export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `tidegate-${name}-`))
  await chmod(path, 0o755)
  const removeAtExit = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  process.once('exit', removeAtExit)
  return {
    path,
    remove: async () => {
      process.off('exit', removeAtExit)
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
