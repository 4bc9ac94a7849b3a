import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { installCommand } from './install-command.ts'
import { findProgram } from './programs.ts'
import { temporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'Google Chrome', 'Chromium']
const FOLDERS = ['/usr/bin', '/Applications/Google Chrome.app/Contents/MacOS', '/Applications/Chromium.app/Contents/MacOS']
/**
 * The default arguments of the package would disable browser security, and would end the browser with its first page.
 */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * A browser, in a serializable form that can be passed to test files: the path of an installed one, or the folder into which the first test
 * file that needs a browser unpacks the one from npm.
 */
export type BrowserProgram = { readonly path: string } | { readonly folder: string }

export interface FoundBrowser {
  /** undefined if neither the machine nor npm provides a browser. */
  readonly program: BrowserProgram | undefined
  remove(): Promise<void>
}

/** Finds an installed Chromium, or creates the folder for the one from npm. */
export async function findBrowser(): Promise<FoundBrowser> {
  const installed = NAMES.map((name) => findProgram(name, FOLDERS)).find((path) => path !== undefined)
  if (installed !== undefined) return { program: { path: installed }, remove: async () => undefined }
  // The package contains a program only for this platform.
  if (process.platform !== 'linux' || process.arch !== 'x64') return { program: undefined, remove: async () => undefined }
  const folder = await temporaryFolder('browser')
  return { program: { folder: folder.path }, remove: folder.remove }
}

/**
 * Unpacks the browser, unless another test file of the run has done that. Test files that unpack at the same time use the folder of the one
 * that was ready first.
 */
async function unpackOnce(folder: string): Promise<string> {
  const ready = join(folder, 'ready')
  if (existsSync(ready)) return ready
  const own = await mkdtemp(join(folder, 'unpacking-'))
  await unpack(own, ready)
  await rename(own, ready).catch((error: unknown) => {
    if (!existsSync(ready)) throw error
  })
  return ready
}

/**
 * The package unpacks into the temporary folder of the process, so this function runs it in a process with another
 * temporary folder.
 * @param home Path that the folder will have.
 */
async function unpack(folder: string, home: string): Promise<void> {
  const script = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())"
  await run(process.execPath, ['-e', script], { cwd: import.meta.dirname, env: { ...process.env, TMPDIR: folder } })
  // The package's own fontconfig file refers to folders under /tmp.
  await writeFile(
    join(folder, 'fonts', 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${join(home, 'fonts')}</dir><cachedir>${join(home, 'cache')}</cachedir></fontconfig>\n`,
  )
}

/**
 * Starts a browser for one test file. @throws if there is no browser; the error names the command that installs one.
 */
export async function launchBrowser(program: BrowserProgram | undefined): Promise<Browser> {
  if (program === undefined) throw new Error(installCommand('browser', process.platform))
  if ('path' in program) return chromium.launch({ executablePath: program.path, args: ARGUMENTS })
  const unpacked = await unpackOnce(program.folder)
  const env = { ...process.env, FONTCONFIG_PATH: join(unpacked, 'fonts') }
  return chromium.launch({ executablePath: join(unpacked, 'chromium'), args: ARGUMENTS, env })
}
