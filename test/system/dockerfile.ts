import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The last stage of a Dockerfile, built into a folder. */
export interface Built {
  /** Folder that contains the root of the stage's file system. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly command: readonly string[]
}

interface Stage {
  readonly folder: string
  readonly env: Record<string, string>
  workdir: string
  command: readonly string[]
}

/** Command that has installed the packages of this checkout, too: see `.ci/run`. */
const INSTALL = 'npm ci --no-audit --no-fund'
const root = join(import.meta.dirname, '../..')

/**
 * Builds the stages of a Dockerfile in folders of this machine, by executing its instructions. The base image is the
 * Node of this process. The packages of development are linked from this checkout, because installing them again would take a minute;
 * those of production are installed.
 * @throws for an unknown instruction, because ignoring it would skip a build step.
 */
export async function buildDockerfile(context: string, folder: string): Promise<Built> {
  const stages: Stage[] = []
  const names = new Map<string, Stage>()
  for (const [instruction, rest] of instructionsOf(await readFile(join(context, 'Dockerfile'), 'utf8'))) {
    const stage = stages.at(-1)
    if (instruction === 'FROM') {
      const [, name = 'last'] = /^node:\S+(?: AS (\S+))?$/.exec(rest) ?? []
      const begun: Stage = { folder: join(folder, name), env: {}, workdir: '/', command: [] }
      stages.push(begun)
      names.set(name, begun)
      await mkdir(begun.folder, { recursive: true })
    } else if (!stage) throw new Error(`Expected FROM first, got ${instruction}.`)
    else if (instruction === 'WORKDIR') stage.workdir = rest
    else if (instruction === 'ENV') for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value
    else if (instruction === 'RUN' && rest === INSTALL) await linkPackages(placeOf(stage, '.'))
    else if (instruction === 'RUN') await run('sh', ['-ec', rest], { cwd: placeOf(stage, '.'), env: buildEnvironmentOf(stage) })
    else if (instruction === 'COPY') await copy(rest, stage, context, names)
    else if (instruction === 'CMD') stage.command = JSON.parse(rest)
    else if (instruction !== 'USER' && instruction !== 'EXPOSE') throw new Error(`The instruction ${instruction} is not known here.`)
  }
  const last = stages.at(-1)
  if (!last) throw new Error('The Dockerfile has no stage.')
  return { folder: placeOf(last, '.'), env: last.env, command: last.command }
}

/** Links the installed packages of this checkout into a folder, or copies them if the folder is on another disk. */
async function linkPackages(folder: string): Promise<void> {
  const copy = (flags: string) => run('cp', [flags, join(root, 'node_modules'), join(folder, 'node_modules')])
  await copy('-al').catch(async () => {
    await rm(join(folder, 'node_modules'), { recursive: true, force: true })
    await copy('-a')
  })
}

function instructionsOf(text: string): readonly (readonly [instruction: string, rest: string])[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  return lines.flatMap((line) => {
    const [, instruction, rest] = /^([A-Z]+)\s+(.*\S)\s*$/.exec(line) ?? []
    return instruction === undefined || rest === undefined ? [] : [[instruction, rest] as const]
  })
}

async function copy(text: string, stage: Stage, context: string, names: ReadonlyMap<string, Stage>): Promise<void> {
  const words = text.split(/\s+/)
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined
  const target = placeOf(stage, words.pop() ?? '.')
  const source = from === undefined ? undefined : names.get(from)
  if (from !== undefined && !source) throw new Error(`COPY names the stage ${from}, which there is not.`)
  for (const word of words) {
    const path = source ? placeOf(source, word) : join(context, word)
    const into = (words.length > 1 || text.endsWith('/')) && word !== '.' ? join(target, path.slice(path.lastIndexOf('/') + 1)) : target
    await mkdir(dirname(into), { recursive: true })
    await cp(path, into, { recursive: true, verbatimSymlinks: true })
  }
}

function placeOf(stage: Stage, path: string): string {
  return join(stage.folder, path.startsWith('/') ? path : join(stage.workdir, path))
}

/** Returns the environment of a program in a stage: the stage's own variables, and the Node of this process. */
export function environmentOf({ env }: { readonly env: Readonly<Record<string, string>> }): Record<string, string> {
  return { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: process.env['HOME'] ?? '/', ...env }
}

/**
 * Returns the environment of a build step, which also contains the network settings that npm needs on this machine
 * (proxies, certificates).
 */
function buildEnvironmentOf(stage: Stage): NodeJS.ProcessEnv {
  const network = Object.entries(process.env).filter(([name]) =>
    /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_cafile|npm_config_registry)$/i.test(name),
  )
  return { ...Object.fromEntries(network), ...environmentOf(stage) }
}
