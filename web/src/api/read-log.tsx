import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'

/** Addresses of the API answers that the shown view consists of, in the order in which its parts appeared. */
class ReadLog {
  readonly #uses = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  #addresses: readonly string[] = []

  /** Notes that a part shows the answer of an address. Returns a function that ends this. */
  readonly use = (address: string): (() => void) => {
    this.#change(address, 1)
    return () => this.#change(address, -1)
  }

  readonly addresses = (): readonly string[] => this.#addresses

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #change(address: string, by: 1 | -1): void {
    const uses = (this.#uses.get(address) ?? 0) + by
    if (uses === 0) this.#uses.delete(address)
    else this.#uses.set(address, uses)
    this.#addresses = [...this.#uses.keys()]
    for (const listener of this.#listeners) listener()
  }
}

const ReadLogContext = createContext<ReadLog | undefined>(undefined)

/** Collects the addresses that the views inside it read, so that they can be shown as JSON. */
export function ReadLogProvider({ children }: { readonly children: ReactNode }) {
  const log = useMemo(() => new ReadLog(), [])
  return <ReadLogContext value={log}>{children}</ReadLogContext>
}

/** Notes an address while the component is shown. Outside of a provider, as in the strip of live figures, nothing is noted. */
export function useReadAddress(address: string | undefined): void {
  const log = useContext(ReadLogContext)
  useEffect(() => (address === undefined ? undefined : log?.use(address)), [log, address])
}

/** Returns the addresses of the answers that the shown view consists of. */
export function useReadAddresses(): readonly string[] {
  const log = useContext(ReadLogContext)
  if (!log) throw new Error('Expected a ReadLogProvider around this component.')
  return useSyncExternalStore(log.subscribe, log.addresses)
}
