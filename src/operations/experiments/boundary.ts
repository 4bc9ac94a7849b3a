/**
 * Solves 2·(1 − Φ(a) + a·φ(a)) = 0.05 for a, where Φ and φ are the distribution and the density of the standard normal distribution. So the
 * boundary below is crossed with a probability of 5 % if there is no difference.
 */
const START = 2.79548

/**
 * Returns the number of standard errors that a difference must exceed at a look, so that all looks together, however many there are, declare a
 * difference where there is none with a probability of at most 5 %. A Brownian motion ever leaves ±√(t·(a² + ln t)) after the time 1 with the
 * probability 2·(1 − Φ(a) + a·φ(a)): Robbins (1970), Lai (1976). The sums of the buckets move from look to look like a Brownian motion whose
 * time passes at most as fast as the looks. If it passes more slowly, because the difference between the buckets is lasting, the boundary is crossed
 * less often, since it rises with the looks.
 *
 * The normal distribution assumes that the standard error is known exactly. For an estimate from few buckets, the number is that of Student's t distribution with the
 * given degrees of freedom and the same tail, by the approximation of Wallace (1959).
 */
export function standardErrorsAt(look: number, degreesOfFreedom: number): number {
  const normal = Math.sqrt(START ** 2 + Math.log(look))
  const corrected = (normal * (8 * degreesOfFreedom + 3)) / (8 * degreesOfFreedom + 1)
  return Math.sqrt(degreesOfFreedom * Math.expm1(corrected ** 2 / degreesOfFreedom))
}
