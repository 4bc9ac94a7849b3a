import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'
import { freePort } from '../servers/free-port.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { requiredProgram } from './required-program.ts'

const run = promisify(execFile)
const SHIPPED = join(import.meta.dirname, '../../deploy/nginx.conf')

export interface Nginx {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts nginx with the shipped configuration in front of two upstreams on this machine.
 * @param shorter Times of the configuration, with others in their place.
 * @throws when nginx refuses the file.
 */
export async function startNginx(upstreams: readonly [URL, URL], shorter: Readonly<Record<string, string>> = {}): Promise<Nginx> {
  const program = requiredProgram('nginx')
  const folder = await temporaryFolder('nginx')
  const port = await freePort()
  const site = join(folder.path, 'site.conf')
  const main = join(folder.path, 'nginx.conf')
  await writeFile(site, adapt(await readFile(SHIPPED, 'utf8'), port, upstreams, shorter))
  await writeFile(main, surroundings(folder.path, site))
  await run(program, ['-t', '-c', main])
  const child = spawn(program, ['-c', main], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  await vi.waitUntil(() => fetch(url).then(Boolean, () => false), { timeout: 10_000 })
  return {
    url,
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      await folder.remove()
    },
  }
}

/** The names and the port are those of docker-compose.yml. All else is tested as it is shipped. */
function adapt(shipped: string, port: number, [a, b]: readonly [URL, URL], shorter: Readonly<Record<string, string>>): string {
  const replacements = [
    ['gateway-a:4000', a.host],
    ['gateway-b:4000', b.host],
    ['listen 80;', `listen 127.0.0.1:${port};`],
    ...Object.entries(shorter),
  ] as const
  return replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`deploy/nginx.conf has no "${from}": adapt this test to its new text.`)
    return text.replaceAll(from, to)
  }, shipped)
}

/** What the image of nginx has around a site, with all files in a folder of the test's own. */
const surroundings = (folder: string, site: string) => `
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  include ${site};
}
`
