import { findProgram } from './programs.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** The missing program or data set because of which a test was skipped. */
    missing?: Need
  }
}

interface Requirement {
  isMet(): boolean
  /** Advice that the last lines of the test run print. */
  readonly remedy: string
  /** Whether a run with CI=true fails if the program or data set is missing. */
  readonly isRequiredByCi: boolean
}

const program = (name: string, debianPackage = name): Requirement => ({
  isMet: () => findProgram(name) !== undefined,
  remedy: `${name} (apt-get install ${debianPackage})`,
  isRequiredByCi: true,
})

/** Programs and data sets that some tests need and that `npm ci` cannot install. A test declares them with `needs`. */
export const requirements = {
  DATA_DIR: { isMet: () => Boolean(process.env['DATA_DIR']), remedy: 'the data sets (set DATA_DIR)', isRequiredByCi: false },
  xz: program('xz', 'xz-utils'),
  openssl: program('openssl'),
  'redis-server': program('redis-server'),
} satisfies Readonly<Record<string, Requirement>>

export type Need = keyof typeof requirements

export interface NeedOptions {
  readonly skip?: true
  readonly meta?: { readonly missing: Need }
}

/**
 * Returns options for a `describe` or `it` that needs programs or data sets. If one is missing, the test is skipped,
 * and the last line of the run counts it.
 */
export function needs(...names: readonly Need[]): NeedOptions {
  const missing = names.find((name) => !requirements[name].isMet())
  return missing === undefined ? {} : { skip: true, meta: { missing } }
}
