/** Writes docs/configuration.md from the table in src/config.ts. */
import { writeFile } from 'node:fs/promises'
import { documentConfiguration } from '../src/config.ts'

await writeFile(new URL('../docs/configuration.md', import.meta.url), documentConfiguration())
