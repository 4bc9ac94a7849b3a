/** A source of truth with one value, whose next load can be held: it has read the value then and hands it out on release. */
export class HeldSource {
  version = 1
  #gate: PromiseWithResolvers<void> | undefined
  #reached: PromiseWithResolvers<void> | undefined
  #held: Promise<void> | undefined

  /** Holds the load that begins next; the ones after it are not held. */
  hold(): void {
    this.#gate = Promise.withResolvers()
    this.#held = this.#gate.promise
    this.#reached = Promise.withResolvers()
  }

  /** Resolves when the load that is to be held has read the value. */
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
