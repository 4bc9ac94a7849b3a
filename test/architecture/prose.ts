import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Matches the first word of a doc comment that begins with a sentence fragment. */
const FRAGMENT =
  /^(Of|Told|With|Without|What|Whoever|Who|Whom|Whose|Which|Where|When|How|By|From|In|On|At|As|To|For|Those|Its|Their|Not|If|Into|Past|Beside|Per|Until|Since|Because|So|And|Or|Nothing|Nobody)\b/

/** Superlatives in names of limits, which must begin with MAX_ or MIN_ instead. */
const SUPERLATIVE =
  /\b(?:(?:MOST|LEAST|LONGEST|SHORTEST|LARGEST|SMALLEST|FEWEST|HIGHEST|LOWEST)(?:_[A-Z_]+)?|(?:most|longest|shortest|largest|smallest|fewest)[A-Z]\w*)\b/

export interface Finding {
  /** File and line, as `path:line`. */
  readonly place: string
  readonly text: string
}

/** Path prefix of this file and of its test: both contain the words that they forbid. */
const OWN_FILES = 'test/architecture/prose'
const CODE = '{src,test,scripts,bench,load,k6,web/src}/**/*.{ts,tsx}'

/** Returns the doc comments that begin with a sentence fragment. */
export function fragmentsIn(root: string): readonly Finding[] {
  return linesOf(root, CODE).filter(({ place, text }) => {
    if (place.startsWith(OWN_FILES)) return false
    const comment = /^\s*\/\*\*\s*(.*)$/.exec(text)?.[1]
    return comment !== undefined && FRAGMENT.test(comment)
  })
}

/** Returns the names in the code that contain a superlative other than MAX_ and MIN_. */
export function superlativesIn(root: string): readonly Finding[] {
  return linesOf(root, CODE).filter(
    ({ place, text }) => !place.startsWith(OWN_FILES) && SUPERLATIVE.test(text.replace(/(['"`]).*?\1|\/\/.*|^\s*\/?\*.*/g, '')),
  )
}

/**
 * Returns all lines of the files. The first line of text in a doc comment is appended to the line with the opening `/**`.
 */
function linesOf(root: string, pattern: string): readonly Finding[] {
  return globSync(pattern, { cwd: root, exclude: (name) => name.includes('node_modules') || name.includes('.generated.') }).flatMap(
    (file) =>
      readFileSync(join(root, file), 'utf8')
        .replace(/\/\*\*\n\s*\* ?(.*)/g, '/** $1\n')
        .split('\n')
        .map((text, index) => ({ place: `${file}:${index + 1}`, text })),
  )
}
