/**
 * Prints the map of the cache: which values are cached, and which mutations invalidate them (`npm run cache:map`). Prints text by default,
 * JSON with `--json`, an SVG picture with `--svg`.
 */

import { parseArgs } from 'node:util'
import { mapPicture } from '#src/gateway/graphql/schema/map/map-picture.ts'
import { mapText } from '#src/gateway/graphql/schema/map/map-text.ts'
import { readMap } from './cache-map/read-map.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean' }, svg: { type: 'boolean' } } })
const map = await readMap()

if (values.json) process.stdout.write(`${JSON.stringify(map, null, 2)}\n`)
else process.stdout.write(values.svg ? mapPicture(map) : mapText(map))
