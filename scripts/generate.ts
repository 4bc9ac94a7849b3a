/**
 * Writes all generated files (`npm run generate`): the types of the schema, docs/configuration.md, docs/cache-map.md and its picture. With
 * `--check` it writes nothing, and exits with code 1 if a file is out of date.
 */
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { documentConfiguration } from '#src/config/document.ts'
import { mapPage } from '#src/gateway/graphql/schema/map/map-page.ts'
import { mapPicture } from '#src/gateway/graphql/schema/map/map-picture.ts'
import { readMap } from './cache-map/read-map.ts'

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values

// The types come first, because the code that generates the documentation is type-checked against them.
const { status } = spawnSync('graphql-codegen', ['--config', 'codegen.ts', ...(check ? ['--check'] : [])], { stdio: 'inherit' })
if (status !== 0) process.exit(1)

const map = await readMap()
const pages = {
  'docs/configuration.md': documentConfiguration(),
  'docs/cache-map.md': mapPage(map),
  'docs/cache-map.svg': mapPicture(map),
}
for (const [path, text] of Object.entries(pages)) {
  const file = new URL(`../${path}`, import.meta.url)
  if (!check) await writeFile(file, text)
  else if ((await readFile(file, 'utf8')) !== text) {
    process.stderr.write(`${path} is out of date: run npm run generate.\n`)
    process.exitCode = 1
  }
}
