import { type ChildProcess, spawn } from 'node:child_process'
import { requiredProgram } from './required-program.ts'

/**
 * Makes every file system read-only for this process, with the flags that it has otherwise, and fails if something can be written
 * nevertheless. Then it becomes another user without any right, as the manifests demand, and runs the program.
 */
const SCRIPT = `
mount --make-rprivate /
while read -r _ _ _ _ place flags _; do
  mount -o "remount,bind,ro\${flags#r[ow]}" "$place" 2>/dev/null || true
done </proc/self/mountinfo
for place in / /tmp /var/tmp /dev/shm "$PWD"; do
  if touch "$place/written" 2>/dev/null; then echo "Expected a read-only file system, and $place can be written." >&2; exit 90; fi
done
if [ "$RUN_AS" = same ]; then exec "$@"; fi
exec setpriv --reuid "$RUN_AS" --regid "$RUN_AS" --clear-groups --no-new-privs --bounding-set=-all "$@"
`

export interface ReadOnlyOptions {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Id of the user and of the group. Only root can become another user: everybody else runs the program as themselves. */
  readonly user: number
}

/** Starts a program in a mount namespace of its own in which nothing can be written. */
export function startReadOnly({ command, cwd, env, user }: ReadOnlyOptions): ChildProcess {
  const isRoot = process.getuid?.() === 0
  return spawn(requiredProgram('unshare'), [isRoot ? '-m' : '-Urm', 'sh', '-ec', SCRIPT, 'sh', ...command], {
    cwd,
    env: { ...env, RUN_AS: isRoot ? String(user) : 'same' },
  })
}
