/** Characters that mean the same with and without quotes, in every shell. */
const PLAIN = /^[A-Za-z0-9_.,:/@%+-]+$/

/** Returns a word as a POSIX shell must read it. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Options of a command, in the order in which they are printed. An option that is undefined is left out; `true` prints its name only. */
export type CommandOptions = Readonly<Record<string, string | true | undefined>>

/** Returns the line that a person types to run a command of tidegate. @param command Command, such as `purge`. */
export function tidegateLine(command: string, words: readonly string[], options: CommandOptions): string {
  const printed = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (value === true) return [`--${name}`]
    // A value that begins with a dash would be read as an option.
    return [value.startsWith('-') || value === '' ? `--${name}=${value === '' ? "''" : shellWord(value)}` : `--${name} ${shellWord(value)}`]
  })
  return ['npx tidegate', command, ...words.map(shellWord), ...printed].join(' ')
}
