import { expect, it } from 'vitest'
import { inGroups } from '#src/gateway/contract/list-counts.ts'

it('The function inGroups loads the items with the same key in one call, and returns the values in the order of the items.', async () => {
  const loads: (readonly string[])[] = []
  const values = await inGroups(
    ['a1', 'b1', 'a2', 'b2', 'c1'],
    ([letter = '']) => letter,
    async (group, first) => {
      expect(first).toBe(group[0])
      loads.push(group)
      return group.map((item) => item.toUpperCase())
    },
  )
  expect(values).toEqual(['A1', 'B1', 'A2', 'B2', 'C1'])
  expect(loads).toEqual([['a1', 'a2'], ['b1', 'b2'], ['c1']])
})

it('The function inGroups fails if a load does not return exactly one value for each item of the group.', async () => {
  const load = async () => [1]
  await expect(inGroups(['a', 'b'], () => 'all', load)).rejects.toThrow('Expected 2 values, got 1.')
})
