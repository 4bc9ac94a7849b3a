import { percent } from '../../history/rates.ts'
import type { TagFigures } from '../../telemetry/usage.ts'
import { aboutOf, gainOf, pointsText } from './advice-figures.ts'
import type { FieldOptions, NamedByFall, Processes, Recommendation } from './advice-options.ts'
import { dependsLine, type NarrowerDepends, narrowerDepends } from './narrower-depends.ts'

const MIN_NEEDLESS_SHARE = 0.3
const MIN_NEEDLESS = 20

/**
 * Returns how to narrow the dependencies of a field whose reloads return the value that had been invalidated. Reloads by the tag of the row that the
 * field belongs to are left out, because each value of a row has this tag by design.
 */
export function narrowerAdvice({
  figures,
  total,
  own,
  tags,
  ruleOf,
  shapeOf,
  entities,
  processes,
}: FieldOptions): readonly Recommendation[] {
  const { field, misses, reloads } = figures
  // Whole answers have no dependencies of their own: they are voided with their parts.
  if (ruleOf(field) === undefined) return []
  const ofField = tags.filter((tag) => tag.field === field)
  const ofRow = ofField.find(({ tag }) => tag === field.split('.')[0])
  const needlessReloads = figures.needlessReloads - (ofRow?.needlessReloads ?? 0)
  const isNeedless = ({ reloads, needlessReloads }: Pick<NamedByFall, 'reloads' | 'needlessReloads'>) =>
    needlessReloads > 0 && needlessReloads / reloads >= MIN_NEEDLESS_SHARE
  const fall = own.find((one) => one.cause === 'invalidated' && isNeedless(one))
  if (!fall && !(isNeedless({ reloads, needlessReloads }) && needlessReloads >= MIN_NEEDLESS)) return []
  if (needlessReloads <= 0) return []
  const [worst] = ofField.filter((tag) => tag !== ofRow).toSorted((a, b) => b.needlessReloads - a.needlessReloads)
  const writtenType = fall?.tags.map((tag) => /^[^:]+:([A-Za-z0-9]+)/.exec(tag)?.[1]).find((type) => type !== undefined)
  const type = worst ? worst.tag.replace(/[^A-Za-z0-9].*$/, '') : writtenType
  const written = ruleOf(field)?.depends
  const isUnused = worst !== undefined && worst.reloads > 0 && worst.needlessReloads === worst.reloads
  const narrower =
    type === undefined
      ? {
          change: `Find the item of @cache(depends:) of ${field} that is too wide: no tag is known that caused its reloads.`,
          depends: undefined,
          isDone: false,
        }
      : narrowerDepends({
          field,
          depends: written,
          type,
          isUnused,
          dimensions: entities.get(type) ?? [],
          arguments: shapeOf(field)?.arguments ?? [],
        })
  const isEverywhere = processes.others.length === 0
  // A reload that nobody waited for is no miss, so the share of the reloads is applied to the misses.
  const gained = narrower.isDone && isEverywhere ? 0 : misses.invalidated * (needlessReloads / reloads)
  const share = percent(needlessReloads / reloads)
  const finding = fall
    ? `${percent(fall.needlessReloads / fall.reloads)} of the reloads of ${field} returned the value that had been invalidated while the field hit rate fell (${share} in the whole time range).${fall.write === undefined ? '' : ` They were caused by ${fall.write}.`}`
    : `${share} of the reloads of ${field} returned the value that had been invalidated.`
  const inFall =
    fall && gained > 0
      ? ` In the lowest step of the fall it is up to ${pointsText(fall.points * (fall.needlessReloads / fall.reloads))}.`
      : ''
  return [
    {
      code: 'narrower-depends',
      subject: field,
      finding,
      evidence: {
        reloads,
        needlessReloads,
        ...(worst ? { tag: worst.tag, needlessReloadsOfTag: worst.needlessReloads } : {}),
        ...(fall?.write === undefined ? {} : { write: fall.write }),
      },
      change: `${narrower.change} ${processesText(processes, narrower.isDone === true)}`,
      snippets:
        narrower.depends === undefined
          ? []
          : [
              {
                where: whereText(field, narrower),
                text: dependsLine(narrower.depends),
              },
            ],
      gain:
        narrower.isDone && isEverywhere
          ? { points: 0, text: 'None is left: all living processes have the change, and these figures are older than it.' }
          : gainOf('Up to', gained, total, `The reachable rate rises as much.${inFall}${leftText(field, ofRow)}`),
      cost:
        narrower.risk === undefined
          ? { amount: 0, unit: 'bytes', text: 'None: nothing more is stored, and no answer gets older. It is a change of the schema.' }
          : { amount: null, unit: 'bytes', text: narrower.risk },
      about: aboutOf('invalidated', misses.invalidated * (needlessReloads / reloads), total),
    },
  ]
}

function whereText(field: string, { isDone, risk }: NarrowerDepends): string {
  if (isDone) return `already in @cache of ${field} in this process`
  return risk === undefined ? `in @cache of ${field}` : `in @cache of ${field}, after the check`
}

/** Says whether the living processes have the dependencies that this recommendation starts from. */
function processesText({ alive, others }: Processes, isDone: boolean): string {
  if (others.length > 0) {
    const names = others.slice(0, 3).join(', ')
    const more = others.length > 3 ? ` and ${others.length - 3} more` : ''
    return `${others.length} of ${alive} living processes ${others.length === 1 ? 'has' : 'have'} other dependencies than the one that answers (${names}${more}): deploy the same schema there, and restart ${others.length === 1 ? 'it' : 'them'}.`
  }
  const all = alive === 1 ? 'The only living process has' : `All ${alive} living processes have`
  return isDone ? `${all} it, so nothing is left to do.` : `${all} the present dependencies.`
}

/** Says which reloads stay after the change, because of the tag of the row that the field belongs to. */
function leftText(field: string, ofRow: TagFigures | undefined): string {
  const [type, name] = field.split('.')
  if (name === undefined || type === 'Query') return ''
  const counted = ofRow
    ? `: ${ofRow.reloads.toLocaleString('en')} reloads (${ofRow.needlessReloads.toLocaleString('en')} needless) in this time range, which the gain leaves out`
    : ''
  return ` A write to the ${type} itself still voids its value, because each field keeps the tag of its row by design${counted}.`
}
