import type { Series } from '../../../../src/operations/admin/contract.ts'
import type { Mark } from '../../charts/marks.ts'
import { moment } from '../../format/format.ts'
import { causeWords } from '../invalidations/cause-words.ts'

/**
 * Returns the events of the series for the chart. The step that has not ended is not drawn: its events stand at the end of the last one that
 * is, so that what happened just now is seen.
 * @param end End of the last drawn step, Unix epoch ms.
 */
export function marksOf({ marks }: Pick<Series, 'marks'>, end: number): readonly Mark[] {
  return marks.map(({ at, kind, text, by }) => {
    const time = Date.parse(at)
    const words = by === null ? undefined : causeWords(by)
    const late = time < end ? '' : ` It was at ${moment(time, end)}, after the last step that is drawn.`
    const sentence = `${words === undefined ? text : `${text.replace(/\.$/, '')}: ${words}.`}${late}`
    return { at: Math.min(time, end - 1), kind, text: shortText(kind, text), sentence }
  })
}

/** Returns the text of a mark above the chart. A deploy names its version. */
function shortText(kind: string, sentence: string): string {
  const version = kind === 'deploy' ? /^Version (\S+)/.exec(sentence)?.[1] : undefined
  return version === undefined ? kind : `${kind} ${version}`
}
