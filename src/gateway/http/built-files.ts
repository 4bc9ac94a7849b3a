import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ContentCoding, chooseCoding } from '../responses/content-encoder.ts'

/** A file that a build wrote, in one content coding. */
export interface BuiltFile {
  readonly type: string
  readonly coding: ContentCoding
  readonly bytes: Uint8Array
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  ttf: 'font/ttf',
  woff2: 'font/woff2',
}
const ENDINGS: Readonly<Record<ContentCoding, string>> = { br: '.br', gzip: '.gz', identity: '' }
/** Name of a file without any folder. */
const NAME = /^[\w-]+(?:\.[\w-]+)*\.(\w+)$/

/**
 * Files of pages that `npm run build:dashboard` built. They are read for each request: browsers keep them, so requests are rare, and the
 * files take no memory in between.
 */
export class BuiltFiles {
  readonly #folder: string

  /** @param folder Folder that the build wrote. It need not exist. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Returns the text of a page, such as `index.html`; undefined if the pages were not built. */
  async page(name: string): Promise<string | undefined> {
    return (await this.#read(name))?.toString()
  }

  /**
   * Returns an asset in the best coding that the build wrote and the client accepts. Its name contains a hash of its content.
   * @param name Name of the asset, as a client sent it.
   * @returns undefined if there is no such asset.
   */
  async asset(name: string, acceptEncoding: string | undefined): Promise<BuiltFile | undefined> {
    const type = TYPES[NAME.exec(name)?.[1] ?? '']
    if (type === undefined) return undefined
    for (const coding of new Set([chooseCoding(acceptEncoding), 'identity' as const])) {
      const bytes = await this.#read(`assets/${name}${ENDINGS[coding]}`)
      if (bytes) return { type, coding, bytes }
    }
    return undefined
  }

  async #read(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.#folder, path))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }
}
