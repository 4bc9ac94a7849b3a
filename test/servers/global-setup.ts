import type { TestProject } from 'vitest/node'
import { type BrowserProgram, findBrowser } from './browser.ts'
import { dropLeftovers, makeTemplate } from './database.ts'
import { findPostgres } from './postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of the server that test databases are made on. */
    postgresUrl: string
    /** Database that test databases are copied from. */
    template: string
    /** The same with sample data. */
    seededTemplate: string
    /** The browser that test files start. Undefined where there is none. */
    browser: BrowserProgram | undefined
  }
}

/** Finds or starts PostgreSQL and a browser, and makes the databases that each test's own is copied from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await findPostgres()
  await dropLeftovers(postgres.url)
  const run = `tidegate_test_${process.pid}`
  await makeTemplate(postgres.url, `${run}_template`, { seed: false })
  await makeTemplate(postgres.url, `${run}_seeded`, { seed: true })
  const browser = await findBrowser()
  project.provide('postgresUrl', postgres.url)
  project.provide('template', `${run}_template`)
  project.provide('seededTemplate', `${run}_seeded`)
  project.provide('browser', browser.program)
  return async () => {
    await dropLeftovers(postgres.url, run)
    await postgres.stop()
    await browser.remove()
  }
}
