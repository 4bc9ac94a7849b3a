/** Tells the harness, as tidegate does in its log, where the server listens; ends the process in good order when it is told to. */
export function announce(url: string): void {
  process.once('SIGTERM', () => process.exit())
  process.stdout.write(`${JSON.stringify({ url, msg: 'ready' })}\n`)
}
