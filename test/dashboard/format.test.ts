import { describe, expect, it } from 'vitest'
import {
  ago,
  bytes,
  count,
  duration,
  durationPair,
  percent,
  perSecond,
  points,
  sentenceParts,
  shareOf,
  short,
  windowMs,
  windowText,
} from '../../web/src/format/format.ts'

describe('The pages of the dashboard', () => {
  it.each<[number | null, string]>([
    [null, '–'],
    [0, '0 ms'],
    [0.3, '0.3 ms'],
    [64.4, '64 ms'],
    [1200, '1.2 s'],
    [90_000, '2 min'],
    [5_400_000, '1.5 h'],
    [3 * 86_400_000, '3 days'],
  ])('show a duration of %s ms as %s.', (ms, text) => expect(duration(ms)).toBe(text))

  it('show two durations with the unit of the greater one.', () => {
    expect(durationPair(0.3, 1.9)).toEqual(['0.3 / 1.9', 'ms'])
    expect(durationPair(64, 2100)).toEqual(['0.1 / 2.1', 's'])
    expect(durationPair(null, 3)).toEqual(['–', ''])
  })

  it('never round a hit rate up to 100 %.', () => {
    expect(points(0.99996)).toBe('99.9')
    expect(points(1)).toBe('100.0')
    expect(percent(0.9457)).toBe('94.6 %')
    expect(percent(null)).toBe('–')
  })

  it('show a share that is not 0 never as 0 %.', () => {
    expect(shareOf(3, 1000)).toBe('< 1 %')
    expect(shareOf(0, 1000)).toBe('0 %')
    expect(shareOf(0, 0)).toBe('–')
  })

  it('show numbers, sizes and rates with few digits.', () => {
    expect([count(12_430), short(1_240_000), perSecond(0.02), perSecond(3.25), perSecond(412.4)]).toEqual([
      '12,430',
      '1.2M',
      '< 0.1',
      '3.3',
      '412',
    ])
    expect([bytes(512), bytes(3_355_443), bytes(5 * 2 ** 40)]).toEqual(['512 B', '3.2 MiB', '5 TiB'])
  })

  it('find the moments in a sentence of the management API, which they show in the time zone of the reader.', () => {
    const parts = sentenceParts('The hit rate fell at 2026-11-27T19:10:00.000Z, first at 2026-11-27T19:09:58Z.')
    expect(parts.map(({ text, isMoment }) => ({ text, isMoment }))).toEqual([
      { text: 'The hit rate fell at ', isMoment: false },
      { text: '2026-11-27T19:10:00.000Z', isMoment: true },
      { text: ', first at ', isMoment: false },
      { text: '2026-11-27T19:09:58Z', isMoment: true },
      { text: '.', isMoment: false },
    ])
  })

  it('know the length of a time range, and that a text is none.', () => {
    expect([windowMs('15m'), windowMs('24h'), windowMs('7d'), windowMs('0h'), windowMs('week')]).toEqual([
      900_000,
      86_400_000,
      604_800_000,
      undefined,
      undefined,
    ])
  })

  it('show a time range as a number and its unit.', () => {
    expect([windowText('24h'), windowText('7d')]).toEqual(['24 h', '7 d'])
  })

  it('say how long ago something was.', () => {
    expect(ago('2026-11-27T19:10:00Z', Date.parse('2026-11-27T19:10:03Z'))).toBe('3 s ago')
    expect(ago('2026-11-27T19:10:00Z', Date.parse('2026-11-27T19:10:00Z'))).toBe('now')
  })
})
