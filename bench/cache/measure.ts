/** A line of a table: the columns' names and what stands in them. */
export type Row = Readonly<Record<string, string | number>>

/** What one contestant does when it is its turn. */
export interface Turn {
  readonly name: string
  /** @returns what was measured, in the unit of the part. */
  run(): Promise<number>
}

export interface TurnTerms {
  readonly rounds: number
  readonly unit: string
  /** The contestant that the others are measured against. */
  readonly limit: string
  /** Whether a first round is taken that does not count. Default true. */
  readonly warmUp?: boolean
  /** What is to be said of a contestant. */
  readonly notes?: Readonly<Record<string, string>>
}

/**
 * Lets every contestant take a turn in each round, so that what else the machine does falls on all alike; who begins rotates. A
 * ratio is the median of the rounds' ratios, not the ratio of the medians.
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

/** The average time of an operation that is done `count` times one after the other, ns. */
export async function nanosecondsEach(count: number, operation: (index: number) => unknown): Promise<number> {
  const start = process.hrtime.bigint()
  for (let index = 0; index < count; index++) await operation(index)
  return Number(process.hrtime.bigint() - start) / count
}

/** The middle one; of an even number the upper of the two in the middle. NaN of none. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}

/** @param share From 0 to 1. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** To three digits that count. */
export function rounded(number: number): number {
  return Number(number.toPrecision(3))
}
