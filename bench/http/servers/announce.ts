/**
 * Writes a log line with the server's address, in the format of tidegate's log. The benchmark reads the address from this line. Ends the
 * process with exit code 0 at SIGTERM.
 */
export function announce(url: string): void {
  process.once('SIGTERM', () => process.exit())
  process.stdout.write(`${JSON.stringify({ url, msg: 'ready' })}\n`)
}
