/** A row of a printed table: values by column name. */
export type Row = Readonly<Record<string, string | number>>

/** Measurement of one contestant. In each round, every contestant takes one turn: it is measured once. */
export interface Turn {
  readonly name: string
  /** Measures the contestant once. @returns the measured value, in the unit of the benchmark's part. */
  run(): Promise<number>
}

export interface TurnTerms {
  readonly rounds: number
  readonly unit: string
  /** Name of the contestant with which all other contestants are compared. */
  readonly limit: string
  /** Whether a first round runs whose results do not count. Default: true. */
  readonly warmUp?: boolean
  /** Remarks by name of the contestant. */
  readonly notes?: Readonly<Record<string, string>>
}

/**
 * Measures every contestant once in each round, so that other work of the machine affects all contestants alike. The order of the
 * contestants rotates from round to round. A ratio is the median of the rounds' ratios, not the ratio of the medians.
 */
export async function takeTurns(
  turns: readonly Turn[],
  { rounds, unit, limit, warmUp = true, notes = {} }: TurnTerms,
): Promise<readonly Row[]> {
  const results = new Map<string, number[]>(turns.map(({ name }) => [name, []]))
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (let place = 0; place < turns.length; place++) {
      const turn = turns[(place + round + turns.length) % turns.length] as Turn
      const result = await turn.run()
      if (round >= 0) results.get(turn.name)?.push(result)
    }
  }
  const limits = results.get(limit) ?? []
  return turns.map(({ name }) => {
    const measured = results.get(name) ?? []
    const ratio = median(measured.map((result, round) => result / (limits[round] as number)))
    return {
      contestant: name,
      [unit]: rounded(median(measured)),
      lowest: rounded(Math.min(...measured)),
      highest: rounded(Math.max(...measured)),
      'times the limit': rounded(ratio),
      ...(Object.keys(notes).length > 0 && { note: notes[name] ?? '' }),
    }
  })
}

/** Returns the average duration of an operation, ns. The operation is run `count` times, one run after the other. */
export async function nanosecondsEach(count: number, operation: (index: number) => unknown): Promise<number> {
  const start = process.hrtime.bigint()
  for (let index = 0; index < count; index++) await operation(index)
  return Number(process.hrtime.bigint() - start) / count
}

/** Returns the median. For an even number of values, it is the upper of the two middle values. NaN for an empty list. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}

/** Returns a quantile. @param share Quantile as a share, from 0 to 1. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Rounds to three significant digits. */
export function rounded(number: number): number {
  return Number(number.toPrecision(3))
}
