import { expect, it } from 'vitest'
import { TurnQueue } from '#src/gateway/http/turn-queue.ts'

function create(perTurn: number) {
  const scheduled: (() => void)[] = []
  const queue = new TurnQueue(perTurn, (callback) => scheduled.push(callback))
  const begun: number[] = []
  return {
    begun,
    scheduled,
    add: (...numbers: number[]) => {
      for (const number of numbers) queue.add(() => begun.push(number), 1)
    },
    turn: () => scheduled.shift()?.(),
  }
}

it('A turn queue begins a limited amount of work immediately, and the rest of the work in order in the next turns of the event loop.', () => {
  const { add, begun, turn } = create(2)
  add(1, 2, 3, 4, 5)
  expect(begun).toEqual([1, 2])
  turn()
  expect(begun).toEqual([1, 2, 3, 4])
  add(6)
  expect(begun).toEqual([1, 2, 3, 4])
  turn()
  expect(begun).toEqual([1, 2, 3, 4, 5, 6])
})

it('A turn queue begins work immediately if the current turn of the event loop has room, and schedules no turn when it has no work.', () => {
  const { add, begun, scheduled, turn } = create(2)
  add(1)
  turn()
  expect(scheduled).toEqual([])
  add(2)
  expect(begun).toEqual([1, 2])
  expect(scheduled).toHaveLength(1)
})

it('A turn queue begins less work in a turn if the work is heavy, and light work does not overtake heavy work.', () => {
  const scheduled: (() => void)[] = []
  const queue = new TurnQueue(4, (callback) => scheduled.push(callback))
  const begun: string[] = []
  for (const [name, weight] of Object.entries({ light: 1, heavy: 4, second: 1, third: 3, fourth: 1 }))
    queue.add(() => begun.push(name), weight)
  expect(begun).toEqual(['light'])
  scheduled.shift()?.()
  expect(begun).toEqual(['light', 'heavy'])
  scheduled.shift()?.()
  expect(begun).toEqual(['light', 'heavy', 'second', 'third'])
  scheduled.shift()?.()
  expect(begun).toEqual(['light', 'heavy', 'second', 'third', 'fourth'])
})

it('A turn queue begins work that has waited before all other work, but not more of it than a turn has room for.', () => {
  const scheduled: (() => void)[] = []
  const queue = new TurnQueue(4, (callback) => scheduled.push(callback))
  const begun: string[] = []
  queue.add(() => queue.add(() => begun.push('first'), 4, true), 1)
  for (const name of ['second', 'third']) queue.add(() => begun.push(name), 4)
  expect(begun).toEqual([])
  for (let turn = 0; turn < 3; turn++) scheduled.shift()?.()
  expect(begun).toEqual(['first', 'second', 'third'])
})

it('A turn queue begins the work of a turn that comes after a piece that throws.', () => {
  const scheduled: (() => void)[] = []
  const queue = new TurnQueue(3, (callback) => scheduled.push(callback))
  const begun: string[] = []
  queue.add(() => begun.push('first'), 3)
  queue.add(() => {
    throw new Error('no')
  }, 1)
  for (const name of ['third', 'fourth']) queue.add(() => begun.push(name), 1)
  expect(() => scheduled.shift()?.()).toThrow('no')
  scheduled.shift()?.()
  expect(begun).toEqual(['first', 'third', 'fourth'])
})

it('A turn queue begins the next piece of work after a piece that throws.', () => {
  const scheduled: (() => void)[] = []
  const queue = new TurnQueue(1, (callback) => scheduled.push(callback))
  const begun: string[] = []
  queue.add(() => begun.push('first'), 1)
  queue.add(() => {
    throw new Error('no')
  }, 1)
  queue.add(() => begun.push('third'), 1)
  expect(() => scheduled.shift()?.()).toThrow('no')
  scheduled.shift()?.()
  expect(begun).toEqual(['first', 'third'])
})
