/** 95 % quantile of the normal distribution. */
const NORMAL_95 = 1.6449
/** -ln(0.05), rounded up: the rule of three. */
const RULE_OF_THREE = 3

/**
 * Returns an upper bound of the share of events in the whole, with a confidence of 95 %, after a random sample of `total` contained
 * `events`. Without events, it is the rule of three (3 / total). With events, it is the upper bound of a Poisson rate by the approximation
 * of Wilson and Hilferty, which differs from the exact one by less than 0.5 %.
 */
export function maxShare(events: number, total: number): number {
  const next = events + 1
  const most = events === 0 ? RULE_OF_THREE : next * (1 - 1 / (9 * next) + NORMAL_95 / (3 * Math.sqrt(next))) ** 3
  return Math.min(1, most / total)
}
