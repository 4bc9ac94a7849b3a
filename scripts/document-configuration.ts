/** Writes docs/configuration.md from the table in src/config/variables.ts. */
import { writeFile } from 'node:fs/promises'
import { documentConfiguration } from '../src/config/document.ts'

await writeFile(new URL('../docs/configuration.md', import.meta.url), documentConfiguration())
