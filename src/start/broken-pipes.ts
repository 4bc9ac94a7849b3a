/** A stream of the process's output. */
export interface Output {
  on(event: 'error', listener: (error: Error & { readonly code?: unknown }) => void): unknown
}

/** Goes on without output that nobody reads any more, as in `npm start | head`: the error would end the process. */
export function ignoreBrokenPipes(outputs: readonly Output[]): void {
  for (const output of outputs) {
    output.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}
