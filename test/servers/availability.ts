import { findProgram } from './programs.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** The need that kept a test from running. */
    missing?: Need
  }
}

interface Requirement {
  isMet(): boolean
  /** What to do about it, in the words of the closing line. */
  readonly remedy: string
  /** Whether a run with CI=true fails without it. */
  readonly isRequiredByCi: boolean
}

const program = (name: string, debianPackage = name): Requirement => ({
  isMet: () => findProgram(name) !== undefined,
  remedy: `${name} (apt-get install ${debianPackage})`,
  isRequiredByCi: true,
})

/** Things that some tests need and that `npm ci` cannot bring. A test that needs one of them says so with `needs`. */
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

/** Returns the options of a `describe` or `it` that needs something: without it the test is skipped, and the closing line counts it. */
export function needs(...names: readonly Need[]): NeedOptions {
  const missing = names.find((name) => !requirements[name].isMet())
  return missing === undefined ? {} : { skip: true, meta: { missing } }
}
