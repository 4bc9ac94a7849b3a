import type { Terminal } from '#src/operations/cli/terminal.ts'

export interface CollectingTerminal extends Terminal {
  /** Text that was written to standard output. */
  readonly output: () => string
  /** Text that was written to standard error. */
  readonly errors: () => string
  /** Questions that were asked. */
  readonly questions: readonly string[]
}

export interface CollectingOptions {
  readonly columns?: number
  readonly hasColour?: boolean
  /** Answers to the questions, in order. Without answers nobody is at the terminal. */
  readonly answers?: readonly string[]
}

/** Creates a terminal that collects the text. */
export function collectingTerminal({ columns = 80, hasColour = false, answers }: CollectingOptions = {}): CollectingTerminal {
  let [output, errors] = ['', '']
  const questions: string[] = []
  const left = [...(answers ?? [])]
  return {
    columns,
    hasColour,
    isInteractive: answers !== undefined,
    write: (text) => {
      output += text
    },
    writeError: (text) => {
      errors += text
    },
    ask: async (question) => {
      questions.push(question)
      return left.shift() ?? ''
    },
    output: () => output,
    errors: () => errors,
    questions,
  }
}
