import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type BrowserProgram, findBrowser } from './browser.ts'
import { dropLeftovers, makeTemplate } from './database.ts'
import { findPostgres } from './postgres.ts'
import { temporaryFolder } from './temporary-folder.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the server on which test databases are created. */
    postgresUrl: string
    /** Template that test databases are copied from. */
    template: string
    /** Template with sample data. The first test file that needs it creates it. */
    seededTemplate: string
    /** Folder of the embedded database that test files copy. The first test file that needs it creates it. */
    embeddedTemplate: string
    /** Browser that test files start; undefined if there is none. */
    browser: BrowserProgram | undefined
  }
}

/** Finds or starts PostgreSQL, finds a browser, and creates the template database without rows. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await findPostgres()
  await dropLeftovers(postgres.url)
  const run = `tidegate_test_${process.pid}`
  await makeTemplate(postgres.url, `${run}_template`)
  const browser = await findBrowser()
  const embedded = await temporaryFolder('embedded')
  project.provide('postgresUrl', postgres.url)
  project.provide('template', `${run}_template`)
  project.provide('seededTemplate', `${run}_seeded`)
  project.provide('embeddedTemplate', join(embedded.path, 'template'))
  project.provide('browser', browser.program)
  return async () => {
    await dropLeftovers(postgres.url, run)
    await postgres.stop()
    await browser.remove()
    await embedded.remove()
  }
}
