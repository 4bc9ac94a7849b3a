import { describe, expect, it } from 'vitest'
import fc from '../property.ts'
import { compare, read, shapeOf, type ValueShapes, written } from './value-shapes.ts'

const ROWS = [
  { id: 1, name: 'a', note: null, tags: ['x'], box: { width: 1 } },
  { id: 2, name: 'b', note: null, tags: [], box: null, extra: true },
]
const recorded: ValueShapes = new Map([['Row@1', shapeOf(ROWS)]])
const row = ROWS[0] as (typeof ROWS)[0]

describe('the comparison of recorded value shapes', () => {
  it.each<[string, unknown, string]>([
    ['a new property', { ...row, size: 1 }, '.size is new'],
    ['a new property of a nested object', { ...row, box: { width: 1, height: 2 } }, '.box.height is new'],
    ['a removed property', { id: 1, name: 'a', note: null, tags: [] }, '.box is gone'],
    ['a changed type', { ...row, id: '1' }, '.id can be of the type string'],
    ['a changed type of list items', { ...row, tags: [1] }, '.tags[] can be of the type number'],
    ['a changed kind of value, such as a list instead of an object', 7, 'it can be of the type number'],
  ])('reports %s if the cache key has not changed', (_, value, difference) => {
    const { misread, outdated } = compare(recorded, new Map([['Row@1', shapeOf([value])]]))
    expect(misread).toEqual([expect.stringContaining(`The value of Row has another shape under the same key (${difference}): raise`)])
    expect(outdated).toEqual([])
  })

  it.each<[string, unknown]>([
    ['a value of the same shape', { ...row, id: 3 }],
    ['null instead of a value', { ...row, name: null }],
    ['a value if only null was recorded', { ...row, note: 'n' }],
    ['an empty list', { ...row, tags: [] }],
    ['an optional property', { ...row, extra: false }],
  ])('accepts %s as the same shape', (_, value) => {
    expect(compare(recorded, new Map([['Row@1', shapeOf([value])]]))).toEqual({ misread: [], outdated: [] })
  })

  it('asks for a new recording, but reports no error, if the cache key has changed', () => {
    const { misread, outdated } = compare(recorded, new Map([['Row@2', shapeOf([7])]]))
    expect(misread).toEqual([])
    expect(outdated).toEqual(['Row has another key than was recorded.', 'Row@1 is recorded, but not in use.'])
  })

  it('reads from a file exactly the shapes that were written to the file', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), (values) => {
        const plain = values.filter((value) => !/[\n:]/.test(JSON.stringify(value).replaceAll('":', '')))
        const shapes: ValueShapes = plain.length > 0 ? new Map([['Value@1', shapeOf(plain)]]) : new Map()
        expect(read(written(shapes))).toEqual(shapes)
      }),
    )
  })
})
