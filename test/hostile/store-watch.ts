import { FairStore } from '#src/gateway/budgets/fair-store.ts'

/** The in-memory stores that a gateway fills with data of requests: see `divideRequestMemory`. */
export const STORES = ['documents', 'requests', 'persisted queries', 'tokens'] as const
export type StoreName = (typeof STORES)[number]

/**
 * Share of the looked-up keys that were found at their first lookup, for each store, 0 to 1. The share is 0 if no key was looked up.
 */
export type FoundShares = Readonly<Record<StoreName, number>>

export interface StoreWatch {
  /** Returns the shares of the lookups since the last call of `found`. */
  found(): FoundShares
  /** Restores the original methods of all stores. */
  end(): void
}

/**
 * Observes all fair stores of this process.
 * @param withoutShares Broken variant: this store treats all callers as one caller.
 */
export function watchStores(withoutShares?: StoreName): StoreWatch {
  const { prototype } = FairStore<unknown, unknown>
  const { get, use, set } = prototype
  const names = new WeakMap<object, StoreName>()
  let lookups = noLookups()
  const ownerIn = (store: object, owner: string) => (withoutShares !== undefined && names.get(store) === withoutShares ? '' : owner)
  prototype.get = function (key) {
    const value = get.call(this, key)
    const seen = lookups.get(names.get(this))
    if (seen && !seen.has(key)) seen.set(key, value !== undefined)
    return value
  }
  prototype.use = function (key, owner) {
    return use.call(this, key, ownerIn(this, owner))
  }
  prototype.set = function (key, value, owner) {
    names.set(this, storeOf(value))
    set.call(this, key, value, ownerIn(this, owner))
  }
  return {
    found() {
      const shares = STORES.map((name) => {
        const seen = [...(lookups.get(name)?.values() ?? [])]
        return [name, seen.filter(Boolean).length / Math.max(1, seen.length)] as const
      })
      lookups = noLookups()
      return Object.fromEntries(shares) as Record<StoreName, number>
    },
    end: () => void Object.assign(prototype, { get, use, set }),
  }
}

function noLookups(): Map<StoreName | undefined, Map<unknown, boolean>> {
  return new Map(STORES.map((name) => [name, new Map()]))
}

/** Returns the name of the store that contains values of this kind. */
function storeOf(value: unknown): StoreName {
  if (typeof value === 'string') return 'persisted queries'
  if (typeof value === 'object' && value !== null) {
    if ('definitions' in value) return 'documents'
    if ('operation' in value) return 'requests'
    if ('claims' in value) return 'tokens'
  }
  throw new TypeError('A store holds what no store held when this test was written: name the store here.')
}
