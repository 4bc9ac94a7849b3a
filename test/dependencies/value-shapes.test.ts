import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, read, shapeOf, type ValueShapes, written } from './value-shapes.ts'

const ROWS = [
  { id: 1, name: 'a', note: null, tags: ['x'], box: { width: 1 } },
  { id: 2, name: 'b', note: null, tags: [], box: null, extra: true },
]
const recorded: ValueShapes = new Map([['Row@1', shapeOf(ROWS)]])
const row = ROWS[0] as (typeof ROWS)[0]

describe('the check of recorded value shapes', () => {
  it.each<[string, unknown, string]>([
    ['a new property', { ...row, size: 1 }, '.size is new'],
    ['a new property of an object in the value', { ...row, box: { width: 1, height: 2 } }, '.box.height is new'],
    ['a property that is gone', { id: 1, name: 'a', note: null, tags: [] }, '.box is gone'],
    ['another type', { ...row, id: '1' }, '.id can be of the type string'],
    ['another type of the items of a list', { ...row, tags: [1] }, '.tags[] can be of the type number'],
    ['another kind of value', 7, 'it can be of the type number'],
  ])('finds %s under the same key', (_, value, difference) => {
    const { misread, outdated } = compare(recorded, new Map([['Row@1', shapeOf([value])]]))
    expect(misread).toEqual([expect.stringContaining(`The value of Row has another shape under the same key (${difference}): raise`)])
    expect(outdated).toEqual([])
  })

  it.each<[string, unknown]>([
    ['a value of the same shape', { ...row, id: 3 }],
    ['null in place of a value', { ...row, name: null }],
    ['a value where only null was seen', { ...row, note: 'n' }],
    ['an empty list', { ...row, tags: [] }],
    ['an optional property', { ...row, extra: false }],
  ])('takes %s for the same shape', (_, value) => {
    expect(compare(recorded, new Map([['Row@1', shapeOf([value])]]))).toEqual({ misread: [], outdated: [] })
  })

  it('asks for a new record, and for nothing else, where the key is another one', () => {
    const { misread, outdated } = compare(recorded, new Map([['Row@2', shapeOf([7])]]))
    expect(misread).toEqual([])
    expect(outdated).toEqual(['Row has another key than was recorded.', 'Row@1 is recorded, but not in use.'])
  })

  it('reads back what was recorded', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), (values) => {
        const plain = values.filter((value) => !/[\n:]/.test(JSON.stringify(value).replaceAll('":', '')))
        const shapes: ValueShapes = plain.length > 0 ? new Map([['Value@1', shapeOf(plain)]]) : new Map()
        expect(read(written(shapes))).toEqual(shapes)
      }),
    )
  })
})
