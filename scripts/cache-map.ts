/**
 * Prints what is cached and what invalidates it: `npm run cache:map`. As text, with `--json` for programs, with `--svg` as a picture.
 * `--write` writes docs/cache-map.md and its picture. Needs no server: the mutations are traced in an embedded database.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createCacheMap } from '../src/graphql/map/cache-map.ts'
import { mapPage } from '../src/graphql/map/map-page.ts'
import { mapPicture } from '../src/graphql/map/map-picture.ts'
import { mapText } from '../src/graphql/map/map-text.ts'
import { createModules } from '../src/modules/index.ts'
import { migrate } from '../src/postgres/migrations.ts'
import { openDatabase } from '../src/postgres/open-database.ts'
import { installWatches } from '../src/postgres/watch.ts'
import { traceMutations } from './cache-map/trace-mutations.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean' }, svg: { type: 'boolean' }, write: { type: 'boolean' } } })
const map = await readMap()

if (values.write) {
  await writeFile(new URL('../docs/cache-map.md', import.meta.url), mapPage(map))
  await writeFile(new URL('../docs/cache-map.svg', import.meta.url), mapPicture(map))
} else if (values.json) process.stdout.write(`${JSON.stringify(map, null, 2)}\n`)
else process.stdout.write(values.svg ? mapPicture(map) : mapText(map))

async function readMap() {
  const database = await openDatabase({ poolSize: 1, statementTimeoutMs: 10_000, onError: () => undefined })
  try {
    await migrate(database)
    const entities = createModules().flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])])
    await installWatches(database, entities)
    const { gateway, traces } = await traceMutations(database)
    return createCacheMap(gateway, traces)
  } finally {
    await database.close()
  }
}
