import { expect, it } from 'vitest'
import { standardErrorsAt } from '#src/operations/experiments/boundary.ts'

const MANY = 1e9

it('A Brownian motion leaves the boundary of all looks with a probability of 5 %, by the formula of Robbins and Lai.', () => {
  const start = standardErrorsAt(1, MANY)
  let tail = 0
  const step = 1e-4
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  for (let x = start + step / 2; x < 12; x += step) tail += density(x) * step
  expect(2 * (tail + start * density(start))).toBeCloseTo(0.05, 5)
  expect(standardErrorsAt(72, MANY) ** 2 - start ** 2).toBeCloseTo(Math.log(72), 5)
})

it('With few degrees of freedom the boundary is within 5 % of the quantile of the t distribution that has the same tail.', () => {
  for (const degrees of [4, 10, 25, 127]) {
    for (const look of [1, 24, 72]) {
      const tailOfNormal = integral((x) => Math.exp((-x * x) / 2), standardErrorsAt(look, MANY))
      const tailOfT = integral((x) => (1 + (x * x) / degrees) ** (-(degrees + 1) / 2), standardErrorsAt(look, degrees) / 1.05)
      const tailBeyond = integral((x) => (1 + (x * x) / degrees) ** (-(degrees + 1) / 2), standardErrorsAt(look, degrees) * 1.05)
      expect(tailOfT, `${degrees} degrees, look ${look}`).toBeGreaterThan(tailOfNormal)
      expect(tailBeyond, `${degrees} degrees, look ${look}`).toBeLessThan(tailOfNormal)
    }
  }
})

/** Returns the share of the area under a density, symmetric around 0, that is above a bound. */
function integral(density: (x: number) => number, bound: number): number {
  // x = tan(u), so that heavy tails are covered to infinity.
  const area = (from: number) => {
    const steps = 20_000
    const width = (Math.PI / 2 - from) / steps
    let sum = 0
    for (let index = 0; index < steps; index += 1) {
      const u = from + (index + 0.5) * width
      sum += density(Math.tan(u)) * width * (1 + Math.tan(u) ** 2)
    }
    return sum
  }
  return area(Math.atan(bound)) / (2 * area(0))
}
