import { styleText } from 'node:util'

/** Output of a command. Tests replace it by one that collects the text. */
export interface Terminal {
  /** Width of the screen, in columns. */
  readonly columns: number
  /** Whether colour may be used: false if the output is no terminal. */
  readonly hasColour: boolean
  /** Whether a person can answer questions. */
  readonly isInteractive: boolean
  write(text: string): void
  writeError(text: string): void
  /** Asks a question and returns the answer. */
  ask(question: string): Promise<string>
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow'

/** Returns the text in a style, or unchanged if the terminal has no colour. */
export function styled(terminal: Pick<Terminal, 'hasColour'>, style: Style, text: string): string {
  return terminal.hasColour ? styleText(style, text, { validateStream: false }) : text
}

/**
 * Replaces the control characters of a text, such as the beginning of a terminal's escape sequence. Names in figures come from clients, so they
 * must not move the cursor or change the colours of an operator's terminal.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: These characters are what is replaced.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '�')
}
