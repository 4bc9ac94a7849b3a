import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)
const SHIPPED = join(import.meta.dirname, '../../deploy/varnish.vcl')

export interface Varnish {
  readonly url: string
  stop(): Promise<void>
}

export interface StartVarnishOptions {
  /** Path of varnishd. */
  readonly program: string
  readonly gateways: readonly [URL, URL]
  /** Address that may purge. Default: that of the tests. */
  readonly purgers?: string
}

/** Starts Varnish with this project's varnish.vcl. Only names and ports of the gateways are replaced. @throws if it rejects the file. */
export async function startVarnish({ program, gateways, purgers = '127.0.0.1' }: StartVarnishOptions): Promise<Varnish> {
  const folder = await temporaryFolder('varnish')
  const file = join(folder.path, 'varnish.vcl')
  const work = join(folder.path, 'work')
  const port = await freePort()
  await writeFile(file, adapt(await readFile(SHIPPED, 'utf8'), gateways, purgers))
  const common = ['-j', 'none', '-n', work]
  await run(program, [...common, '-C', '-f', file], { maxBuffer: 2 ** 24 })
  const child = spawn(program, ['-F', ...common, '-f', file, '-a', `127.0.0.1:${port}`, '-s', 'malloc,64m'], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  for (let attempt = 0; !(await fetch(url).then(Boolean, () => false)); attempt++) {
    if (attempt === 100 || child.exitCode !== null) throw new Error('Expected Varnish to answer within 10 s, got no answer.')
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

function adapt(shipped: string, gateways: readonly [URL, URL], purgers: string): string {
  return gateways.reduce((text, { hostname, port }, index) => {
    const name = `gateway-${index === 0 ? 'a' : 'b'}`
    const [from, acl] = [`.host = "${name}"; .port = "4000";`, `  "${name}";`]
    if (!text.includes(from) || !text.includes(acl))
      throw new Error(`deploy/varnish.vcl has no ${from} or ${acl}: adapt this test to its new text.`)
    return text.replace(from, `.host = "${hostname}"; .port = "${port}";`).replace(acl, `  "${purgers}";`)
  }, shipped)
}
