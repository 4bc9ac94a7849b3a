/** Sum of a process's counter over all restarts of the process. The counter of the process begins at 0 again after each restart. */
export class Rising {
  #total: number | undefined
  #last = 0

  /**
   * Adds a reading of the counter.
   * @param reading Value of the counter; undefined if the process does not answer.
   * @returns the sum over all restarts; undefined before the first reading.
   */
  next(reading: number | undefined): number | undefined {
    if (reading === undefined) return this.#total
    this.#total = (this.#total ?? 0) + (reading >= this.#last ? reading - this.#last : reading)
    this.#last = reading
    return this.#total
  }
}
