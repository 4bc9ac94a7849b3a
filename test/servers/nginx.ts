import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { findProgram } from './programs.ts'
import { temporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)
const SHIPPED = join(import.meta.dirname, '../../deploy/nginx.conf')

export interface Nginx {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts nginx with this project's nginx.conf in front of two upstreams on this machine.
 * @param shorter Maps times in the configuration to shorter ones.
 * @throws if nginx is not installed, or rejects the configuration.
 */
export async function startNginx(upstreams: readonly [URL, URL], shorter: Readonly<Record<string, string>> = {}): Promise<Nginx> {
  const program = findProgram('nginx', ['/usr/sbin'])
  if (program === undefined) throw new Error('Expected nginx, found none: install it with apt-get install nginx')
  const folder = await temporaryFolder('nginx')
  const port = await freePort()
  const site = join(folder.path, 'site.conf')
  const main = join(folder.path, 'nginx.conf')
  await writeFile(site, adapt(await readFile(SHIPPED, 'utf8'), port, upstreams, shorter))
  await writeFile(main, surroundings(folder.path, site))
  await run(program, ['-t', '-c', main])
  const child = spawn(program, ['-c', main], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  for (let attempt = 0; !(await fetch(url).then(Boolean, () => false)); attempt++) {
    if (attempt === 100) throw new Error('Expected nginx to answer within 10 s, got no answer.')
    await pause(100)
  }
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

/** Only host names and the port (those of docker-compose.yml) are replaced. Everything else is tested unchanged. */
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

/**
 * Returns the main configuration that the official nginx image has around a site, with all files in a temporary folder.
 */
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
