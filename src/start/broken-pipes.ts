/** An output stream of the process: stdout or stderr. */
export interface Output {
  on(event: 'error', listener: (error: Error & { readonly code?: unknown }) => void): unknown
}

/**
 * Ignores the error EPIPE of an output stream, which would otherwise end the process. The stream emits this error after the reader of the
 * stream has ended, as in `npm start | head`.
 */
export function ignoreBrokenPipes(outputs: readonly Output[]): void {
  for (const output of outputs) {
    output.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}
