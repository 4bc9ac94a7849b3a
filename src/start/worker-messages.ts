/** What the processes of one port tell each other through their primary. */
export type WorkerMessage =
  /** A worker asks that all others apply the log up to a position. */
  | { readonly tidegate: 'apply'; readonly id: number; readonly epoch: string; readonly clock: number }
  /** A worker has applied it, or the primary tells that all have. */
  | { readonly tidegate: 'applied'; readonly id: number }

export function isWorkerMessage(message: unknown): message is WorkerMessage {
  return typeof message === 'object' && message !== null && 'tidegate' in message
}
