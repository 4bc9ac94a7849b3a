/**
 * Preloaded into a gateway under a flood (`node --import`). Tells the parent process on request which entries the
 * stores still contain.
 */
import { type FoundShares, STORES, watchStores } from './store-watch.ts'

export interface FoundQuestion {
  readonly stores: 'found'
}

export interface FoundReply {
  readonly found: FoundShares
}

const watch = watchStores(STORES.find((name) => name === process.env['STORE_WITHOUT_SHARES']))
process.on('message', (message: Partial<FoundQuestion>) => {
  if (message.stores === 'found') process.send?.({ found: watch.found() } satisfies FoundReply)
})
