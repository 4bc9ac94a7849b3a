import type { Figures } from '../telemetry/figures.ts'

/** What the processes of one port tell each other of their metrics, through their primary. */
export type FigureMessage =
  /** A worker asks for the figures of all others, and says its own. */
  | { readonly figures: 'all'; readonly id: number; readonly own: Figures }
  /** The primary asks a worker for its figures. */
  | { readonly figures: 'own'; readonly id: number }
  /** A worker says its figures. */
  | { readonly figures: 'said'; readonly id: number; readonly own: Figures }
  /** The primary says the figures of all others. */
  | { readonly figures: 'gathered'; readonly id: number; readonly others: readonly Figures[] }

export function isFigureMessage(message: unknown): message is FigureMessage {
  return typeof message === 'object' && message !== null && 'figures' in message
}
