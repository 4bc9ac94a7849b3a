import { describe, expect, it } from 'vitest'
import { type HotRecord, mergeRecords, readRecord, writeRecord } from '#src/operations/warming/hot-record.ts'
import { RecordCodec } from '#src/operations/warming/record-codec.ts'
import { hot } from './hot-operation.ts'

const HOUR_MS = 3_600_000
const record: HotRecord = {
  at: 1000,
  keys: [{ key: 'acme:Note:[1]', savedMs: 7 }],
  operations: [
    {
      operation: { document: 'query A { a }', operationName: 'A', variables: { id: 1 }, tenant: 'acme', role: 'ADMIN', userId: '7' },
      savedMs: 3,
    },
    hot('query A { a }', 2),
    hot('{ b }', 1, null),
  ],
}

describe('a record of hot keys and operations', () => {
  it('has the same content after it was written and read.', () => {
    expect(readRecord(writeRecord(record))).toEqual(record)
  })

  it('is bounded in size: the coldest keys and operations are left out.', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => index)
    const text = writeRecord({
      at: 0,
      keys: many.map((index) => ({ key: `acme:Note:["${'x'.repeat(100)}${index}"]`, savedMs: 20_000 - index })),
      operations: many.map((index) => hot(`{ note${index} { ${'text '.repeat(20)} } }`, 20_000 - index)),
    })
    expect(text.length).toBeLessThan(700_000)
    const { keys, operations } = readRecord(text)
    expect(keys.length).toBeGreaterThan(1000)
    expect(operations.length).toBeGreaterThan(1000)
    expect(keys[0]?.savedMs).toBe(20_000)
    expect(operations[0]?.savedMs).toBe(20_000)
  })

  it('is merged with the records of other processes: older records count less, and equal operations are combined.', () => {
    const old = { ...record, keys: [{ key: 'old', savedMs: 100 }, ...record.keys], operations: [hot('{ b }', 8, null)] }
    const merged = mergeRecords(
      [
        { ...record, at: 2 * HOUR_MS },
        { ...old, at: HOUR_MS },
      ],
      2 * HOUR_MS,
    )
    expect(merged.keys).toEqual([
      { key: 'old', savedMs: 50 },
      { key: 'acme:Note:[1]', savedMs: 10.5 },
    ])
    expect(merged.operations.map(({ operation, savedMs }) => [operation.document, savedMs])).toEqual([
      ['{ b }', 5],
      ['query A { a }', 3],
      ['query A { a }', 2],
    ])
  })
})

describe('a record of hot operations in Redis', () => {
  it('can be decrypted if the list of secrets contains the secret with which the record was encrypted.', async () => {
    const sealed = await new RecordCodec(['old secret']).encode('schema:process', record)
    expect(await new RecordCodec(['new secret', 'old secret']).decode('schema:process', sealed)).toEqual(record)
  })

  it('is rejected if it was encrypted with another secret, stored under another name, changed or truncated.', async () => {
    const codec = new RecordCodec(['a secret'])
    const sealed = await codec.encode('schema:process', record)
    expect(await codec.decode('schema:other', sealed)).toBeUndefined()
    expect(await new RecordCodec(['another']).decode('schema:process', sealed)).toBeUndefined()
    for (const at of [0, 5, 40, sealed.length - 1]) {
      const changed = Buffer.from(sealed)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      expect(await codec.decode('schema:process', changed), `byte ${at}`).toBeUndefined()
    }
    for (const length of [0, 1, 28, sealed.length - 1])
      expect(await codec.decode('schema:process', sealed.subarray(0, length)), `${length} bytes`).toBeUndefined()
  })

  it('contains no variable, document or user id in plain text.', async () => {
    const told = {
      operation: { document: '{ secretField }', variables: { name: 'private-name' }, tenant: 'acme', role: 'ADMIN', userId: 'user-77' },
      savedMs: 1,
    } as const
    const sealed = await new RecordCodec(['a secret']).encode('schema:process', { at: 0, keys: [], operations: [told] })
    for (const word of ['secretField', 'private-name', 'user-77']) expect(sealed.includes(word)).toBe(false)
  })
})
