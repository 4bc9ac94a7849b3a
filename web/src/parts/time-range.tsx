import { windowMs } from '../format/format.ts'
import { useParam } from '../router/location.tsx'
import { Choice } from './choice.tsx'

const WINDOWS = { '1h': '1 h', '24h': '24 h', '7d': '7 d' } as const
const DEFAULT = '24h'

export interface ShownRange {
  /** Parameters of a read: length of the time range and its end, as the management API takes them. */
  readonly window: string
  readonly until: string | undefined
  readonly lengthMs: number
  /** Time between two reads of figures of this range, ms; undefined if the range ended in the past. */
  readonly everyMs: number | undefined
}

/** Returns the time range that the address names. An address with a range that is none gets the default, 24 hours. */
export function useTimeRange(): ShownRange {
  const [text] = useParam('window', DEFAULT)
  const [untilText] = useParam('until', '')
  const window = windowMs(text) === undefined ? DEFAULT : text
  const until = Number.isNaN(Date.parse(untilText)) ? undefined : new Date(untilText).toISOString()
  const lengthMs = windowMs(window) ?? 0
  const everyMs = until !== undefined ? undefined : window === '1h' ? 10_000 : 60_000
  return { window, until, lengthMs, everyMs }
}

/** Buttons that choose the time range. */
export function TimeRange() {
  const { window } = useTimeRange()
  const [, setWindow] = useParam('window', DEFAULT)
  const [, setUntil] = useParam('until', '')
  const choose = (next: string) => {
    setUntil('')
    setWindow(next)
  }
  const options = window in WINDOWS ? WINDOWS : { ...WINDOWS, [window]: window }
  return <Choice label="Time range" options={options} value={window} onChoose={choose} />
}
