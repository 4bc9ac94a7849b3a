import { AbsenceJudge } from './absence-judge.ts'
import { Filler, type FillerOptions } from './filler.ts'
import { LoadSemaphore } from './load-semaphore.ts'
import { Reader, type ReaderOptions } from './reader.ts'
import { ReloadMeter } from './reload-meter.ts'
import { RepeatedValues } from './repeated-values.ts'
import { SharedCopies } from './shared-copies.ts'

export interface CreateReaderOptions
  extends Omit<FillerOptions, 'copies' | 'reloads' | 'semaphore'>,
    Omit<ReaderOptions, 'filler' | 'judge'> {
  /** Maximum number of concurrent loads. */
  readonly concurrentLoads: number
}

/** Creates the reader of a cache, the filler that stores what the reader loads, the semaphore that limits the loads, and the record of repeated values. */
export function createReader({ concurrentLoads, ...options }: CreateReaderOptions): {
  readonly reader: Reader
  readonly filler: Filler
  readonly semaphore: LoadSemaphore
  readonly repeats: RepeatedValues
} {
  const semaphore = new LoadSemaphore(concurrentLoads)
  const isShared = options.shared !== undefined
  const repeats = new RepeatedValues({ env: options.env, coherence: options.coherence, isShared })
  const filler = new Filler({
    ...options,
    copies: new SharedCopies(options),
    reloads: new ReloadMeter({ recent: options.coherence.recent, repeats, onEvent: options.onEvent }),
    semaphore,
  })
  const remainingMs: Filler['remainingMs'] = (policy, entry) => filler.remainingMs(policy, entry)
  const judge = new AbsenceJudge({ ...options, remainingMs, isShared })
  return { filler, semaphore, repeats, reader: new Reader({ ...options, filler, judge }) }
}
