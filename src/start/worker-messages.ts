/** Messages about the invalidation log between the processes that share one port. All go through the primary process. */
export type WorkerMessage =
  /** A worker requests that all other workers apply the invalidation log up to a position. */
  | { readonly tidegate: 'apply'; readonly id: number; readonly epoch: string; readonly clock: number }
  /** A worker confirms that it has applied the log up to the requested position, or the primary confirms that all other workers have. */
  | { readonly tidegate: 'applied'; readonly id: number }

export function isWorkerMessage(message: unknown): message is WorkerMessage {
  return typeof message === 'object' && message !== null && 'tidegate' in message
}
