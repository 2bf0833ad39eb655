import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeText } from '../sink/time-text.ts'
import { parseBigint, parseDouble, parseInt32 } from './number.ts'
import { parseTimestamp } from './timestamp.ts'
import { UTC, type Zone, zoneOf } from './zone.ts'

const around = Buffer.from('7')
function parsed<T>(parse: (bytes: Uint8Array, from: number, to: number) => T, text: string): T {
  const bytes = Buffer.concat([around, Buffer.from(text), around]) // what lies beside it does not matter
  return parse(bytes, 1, bytes.length - 1)
}
const time = (text: string, zone: Zone = UTC) => parsed((b, from, to) => parseTimestamp(b, from, to, zone), text)

describe('numbers', () => {
  const numeric = fc
    .array(fc.constantFrom('0', '1', '9', '5', '-', '+', '.', 'e', ' ', '12345678', '00'), { maxLength: 6 })
    .map(parts => parts.join(''))
  it('are those of JavaScript where the text is one', () => {
    fc.assert(
      fc.property(numeric, text => {
        const isNumber = /^[ ]*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[ ]*$/.test(text)
        const value = Number(text)
        const whole = /^[ ]*[+-]?\d+[ ]*$/.test(text)
        const integer = whole ? BigInt(text.trim().replace('+', '')) : 0n
        const exact = !whole || integer === BigInt(value) || String(integer) === String(value)
        expect(parsed(parseDouble, text)).toEqual(isNumber && Number.isFinite(value) && exact ? value : undefined)
        const int = whole && value === (value | 0) ? value | 0 : Number.NaN
        expect(parsed(parseInt32, text)).toBe(int)
        expect(parsed(parseBigint, text)).toBe(whole && BigInt.asIntN(64, integer) === integer ? integer : undefined)
      }),
      { numRuns: 3000 },
    )
  })
  it('of every kind come back from their text', () => {
    fc.assert(
      fc.property(fc.double(), fc.integer(), (double, int) => {
        expect(parsed(parseDouble, Object.is(double, -0) ? '-0' : String(double))).toBe(double)
        expect(parsed(parseInt32, String(int))).toBe(int)
      }),
    )
  })
  it('need digits', () => {
    for (const text of ['', ' ', '-', '+', '.', '-.', 'e5', '1e', '1_000', '0x10', '１']) {
      expect(parsed(parseDouble, text)).toBeUndefined()
      expect(parsed(parseInt32, text)).toBeNaN()
      expect(parsed(parseBigint, text)).toBeUndefined()
    }
  })
})

describe('times', () => {
  it('come back from their text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: -8.64e15, max: 8.64e15 }),
          fc.integer().map(i => i / 1000),
        ),
        ms => {
          expect(time(timeText(ms))).toBeCloseTo(ms, 6)
          if (Number.isInteger(ms)) expect(time(timeText(ms))).toBe(ms)
          expect(time(String(ms))).toBe(ms)
        },
      ),
    )
  })
  it('are those of Date, with any offset', () => {
    const parts = fc.tuple(
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
      fc.integer({ min: -1439, max: 1439 }),
    )
    fc.assert(
      fc.property(
        parts,
        fc.constantFrom('T', ' '),
        fc.constantFrom(16, 19, 21, 23),
        ([date, offset], between, length) => {
          const sign = offset < 0 ? '-' : '+'
          const hours = String(Math.trunc(Math.abs(offset) / 60)).padStart(2, '0')
          const minutes = String(Math.abs(offset) % 60).padStart(2, '0')
          const clock = date.toISOString().slice(0, length)
          const expected = Date.parse(`${clock}${sign}${hours}:${minutes}`)
          expect(time(`${clock.replace('T', between)}${sign}${hours}:${minutes}`)).toBe(expected)
          expect(time(`${clock}${sign}${hours}${minutes}`)).toBe(expected)
          expect(time(clock)).toBe(Date.parse(`${clock}Z`))
          expect(time(` ${clock}Z `)).toBe(Date.parse(`${clock}Z`))
        },
      ),
    )
  })
  it.each([
    '2021-02-29',
    '2021-13-01',
    '2021-00-01',
    '2021-01-00',
    '2021-01-01T',
    '2021-01-01T1',
    '2021-01-01T24:00',
    '2021-01-01T00:60',
    '2021-01-01T00:00:60',
    '2021-01-01T00:00:',
    '2021-01-01T00:00:0x',
    '2021-01-01T00:00:00.',
    '2021-01-01T00:00+1',
    '2021-01-01T00:00+24:00',
    '2021-01-01T00:00ZZ',
    '2021-01-01X00:00',
    '2021-1-1',
    '20210101T0000',
    'Infinity',
    '',
    '+00021-01-01',
  ])('refuse %j', text => {
    expect(time(text)).toBeNaN()
  })
  it('know days of leap years, far years and fractions', () => {
    expect(time('2000-02-29')).toBe(Date.UTC(2000, 1, 29))
    expect(time('+012345-06-07T08:09Z')).toBe(Date.UTC(12345, 5, 7, 8, 9))
    expect(time('-000001-01-01')).toBe(new Date('-000001-01-01T00:00Z').getTime())
    expect(time('1970-01-01T00:00:00.123456Z')).toBeCloseTo(123.456, 9)
    expect(time('1970-01-01T00:00:00,5+01')).toBe(-3_599_500)
  })
})

describe('zones', () => {
  it('follow daylight saving', () => {
    const berlin = zoneOf('Europe/Berlin')
    expect(time('2021-01-01', berlin)).toBe(Date.UTC(2020, 11, 31, 23))
    expect(time('2021-07-01T12:00', berlin)).toBe(Date.UTC(2021, 6, 1, 10))
    expect(time('2021-07-01T12:00Z', berlin)).toBe(Date.UTC(2021, 6, 1, 12))
    expect(time('2021-03-28T02:30', berlin)).toBe(Date.UTC(2021, 2, 28, 1, 30)) // skipped: as if before the change
    expect(time('2021-10-31T02:30', berlin)).toBe(Date.UTC(2021, 9, 31, 0, 30)) // shown twice: the first
    expect(time('2011-12-31T00:30', zoneOf('Pacific/Apia'))).toBe(Date.UTC(2011, 11, 30, 10, 30))
  })
  it('give every moment its own time', () => {
    const zones = ['America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia', 'UTC'].map(name => ({
      zone: zoneOf(name),
      shown: new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' }),
    }))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.constantFrom(...zones), (seconds, { zone, shown }) => {
        const read = time(shown.format(seconds * 1000), zone)
        // a time shown twice may be the hour before; nothing else may differ
        expect(shown.format(read)).toBe(shown.format(seconds * 1000))
        expect(seconds * 1000 - read).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 1000 },
    )
  })
})
