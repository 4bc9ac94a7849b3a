import { moment, sentenceParts } from '../format/format.ts'
import { useNow } from './use-now.ts'

/** Moment in the reader's time zone. The title has it in UTC. */
export function Moment({ at }: { readonly at: string | number }) {
  const now = useNow(60_000)
  const iso = new Date(at).toISOString()
  return (
    <time dateTime={iso} title={iso}>
      {moment(at, now)}
    </time>
  )
}

/** Sentence of the management API, whose moments are shown in the reader's time zone. */
export function Sentence({ text }: { readonly text: string }) {
  return sentenceParts(text).map(({ text: part, isMoment, place }) => (isMoment ? <Moment key={place} at={part} /> : part))
}
