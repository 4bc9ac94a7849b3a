/**
 * A source of truth with one value. A load from it can be held: such a load reads the value immediately, but returns it only after
 * `release`.
 */
export class HeldSource {
  version = 1
  #gate: PromiseWithResolvers<void> | undefined
  #reached: PromiseWithResolvers<void> | undefined
  #held: Promise<void> | undefined

  /** Holds the next load. Later loads are not held. */
  hold(): void {
    this.#gate = Promise.withResolvers()
    this.#held = this.#gate.promise
    this.#reached = Promise.withResolvers()
  }

  /** Promise that resolves when the held load has read the value. */
  get reached(): Promise<void> {
    return this.#reached?.promise ?? Promise.resolve()
  }

  release(): void {
    this.#gate?.resolve()
    this.#held = undefined
  }

  load = async (id: number): Promise<unknown> => {
    const [loaded] = await this.loadMany([id])
    return loaded
  }

  loadMany = async (ids: readonly number[]): Promise<readonly unknown[]> => {
    const read = ids.map((id) => ({ id, version: this.version }))
    const held = this.#held
    this.#held = undefined
    if (held) {
      this.#reached?.resolve()
      await held
    }
    return read
  }
}
