import { ratesOf } from '../../history/rates.ts'
import type { AdviceOptions, Recommendation } from './advice-options.ts'
import { fieldAdvice } from './field-advice.ts'
import { settingAdvice } from './setting-advice.ts'

/** Minimum number of reads of a field for a recommendation. Fewer say too little. */
const MIN_READS = 100

/** Returns recommendations with their evidence, the exact change, its gain and its cost: those that gain most points first. */
export function advise(options: AdviceOptions): Recommendation[] {
  const { fields, falls, ruleOf } = options
  const total = fields.reduce((sum, figures) => sum + ratesOf(figures).reads, 0)
  const found = fields.flatMap((figures) => {
    // While an experiment runs on the field, its policy cannot be changed, and the figures contain both arms.
    if (ruleOf(figures.field)?.experiment) return []
    const own = falls.filter(({ field }) => field === figures.field)
    return ratesOf(figures).reads < MIN_READS && own.length === 0 ? [] : fieldAdvice(figures, total, own, options)
  })
  const settings = total < MIN_READS ? [] : settingAdvice(total, options)
  return [...found, ...settings].toSorted((a, b) => (b.gain.points ?? 0) - (a.gain.points ?? 0))
}
