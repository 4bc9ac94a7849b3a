/** Builds the pages of `web/` into `web/dist`: `npm run build:dashboard`. `npm ci` and `npm run build` do the same. */

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build } from 'vite'

/** Size above which a file gets compressed copies, bytes. For a smaller file, they save less than one network packet. */
const COMPRESSED_ABOVE_BYTES = 1024

const root = join(import.meta.dirname, '../web')

await build({
  configFile: false,
  root,
  // Relative, so that the same files work below each path that serves them. index.html says which path that is.
  base: './',
  logLevel: 'warn',
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // The pages' Content-Security-Policy forbids `data:` addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // GraphiQL is one chunk of a megabyte, which only the explorer loads.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      // On a busy machine the build would be called slow.
      checks: { pluginTimings: false },
      input: ['index.html', 'explorer.html'].map((page) => join(root, page)),
      // The packages of GraphiQL begin with directives for a compiler that is not used here.
      onLog: (level, log, report) => log.message.includes('module level directive') || report(level, log),
    },
  },
})

const assets = join(root, 'dist/assets')
await Promise.all((await readdir(assets)).map((name) => compress(join(assets, name))))

/** Writes compressed copies beside a file, which the gateway sends as they are. */
async function compress(path: string): Promise<void> {
  const bytes = await readFile(path)
  if (bytes.byteLength <= COMPRESSED_ABOVE_BYTES) return
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength }
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params }))
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }))
}
