import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeText } from './time-text.ts'

describe('the text of a time', () => {
  it('is that of Date, in whatever order times come', () => {
    const time = fc.oneof(
      fc.integer({ min: -8.64e15, max: 8.64e15 }),
      fc.integer({ min: -2 * 86_400_000, max: 2 * 86_400_000 }),
    )
    fc.assert(
      fc.property(fc.array(time, { maxLength: 20 }), times => {
        expect(times.map(timeText)).toEqual(times.map(ms => new Date(ms).toISOString()))
      }),
      { numRuns: 500 },
    )
  })
  it('has the decimals that it needs', () => {
    expect(timeText(0.5)).toBe('1970-01-01T00:00:00.0005Z')
    expect(timeText(-0.25)).toBe('1969-12-31T23:59:59.99975Z')
    expect(timeText(1.123456)).toBe('1970-01-01T00:00:00.001123456Z')
    expect(timeText(999.99999999)).toBe('1970-01-01T00:00:01.000Z')
    expect(timeText(86_399_999.99999999)).toBe('1970-01-02T00:00:00.000Z')
    expect(timeText(-0)).toBe('1970-01-01T00:00:00.000Z')
  })
  it('is a number beyond the years of Date', () => {
    expect([8.64e15, 8.64e15 + 1, -8.64e15 - 1].map(timeText)).toEqual([
      '+275760-09-13T00:00:00.000Z',
      '8640000000000001',
      '-8640000000000001',
    ])
  })
})
