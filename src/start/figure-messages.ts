import type { Figures } from '../operations/telemetry/figures.ts'

/** Messages about metrics between the processes that share one port. All go through the primary process. */
export type FigureMessage =
  /** A worker requests the metrics of all other workers and sends its own metrics. */
  | { readonly figures: 'all'; readonly id: number; readonly own: Figures }
  /** The primary requests the metrics of one worker. */
  | { readonly figures: 'own'; readonly id: number }
  /** A worker sends its metrics to the primary. */
  | { readonly figures: 'said'; readonly id: number; readonly own: Figures }
  /** The primary sends a worker the metrics of all other workers. */
  | { readonly figures: 'gathered'; readonly id: number; readonly others: readonly Figures[] }

export function isFigureMessage(message: unknown): message is FigureMessage {
  return typeof message === 'object' && message !== null && 'figures' in message
}
