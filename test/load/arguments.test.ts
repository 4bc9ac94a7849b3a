import { expect, it } from 'vitest'
import { readArguments } from '../../load/arguments.ts'

function ownOf(...given: readonly string[]) {
  const read = readArguments(['load', ...given], {})
  return read === 'help' ? undefined : read.own
}

it('A load test starts one gateway with sample data and with the cache on, unless the options say otherwise.', () => {
  expect(ownOf()).toEqual({ data: { campaigns: 60, scale: 0.3 }, tenants: 50, cache: 'on', workers: 1, hasFaults: false })
  expect(ownOf('--data', 'large', '--cache', 'off', '--workers', '2', '--tenants', '5', '--faults')).toEqual({
    data: 'large',
    tenants: 5,
    cache: 'off',
    workers: 2,
    hasFaults: true,
  })
})

it('The option --faults sets FAULTS=on for the load script, which then tolerates lost requests.', () => {
  expect(readArguments(['write-mix', '--faults'], {})).toMatchObject({ env: { FAULTS: 'on' } })
  expect(readArguments(['write-mix'], {})).not.toHaveProperty('env.FAULTS')
})

it.each([
  [['--data', 'huge'], '--data: expected sample or large, got "huge"'],
  [['--cache', 'maybe'], '--cache: expected on or off, got "maybe"'],
  [['--workers', '0'], '--workers: expected a number greater than 0'],
  [['--faults', '--base-url', 'http://127.0.0.1:4000'], '--faults disturbs only servers that this command starts'],
])('The options %j are refused with what was expected.', (given, message) => {
  expect(() => ownOf(...given)).toThrow(message)
})
