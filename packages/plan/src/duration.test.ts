import { failureOf } from '@millrace/testing/plans'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Duration, duration, durationMs, positiveMs } from './duration.ts'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

describe('durations', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1500, 1500],
    ['250ms', 250],
    ['0.1s', 100],
    ['1.5h', 5_400_000],
    ['2w', 1_209_600_000],
    ['0.3s', 300],
  ])('%s is %d ms', (given, ms) => expect(durationMs('size', given)).toBe(ms))

  it('have several parts as text', () => {
    expect(duration('1d12h')).toBe(129_600_000)
    expect(duration('1m30.5s')).toBe(90_500)
  })

  it('add up over any parts', () => {
    const part = fc.tuple(fc.nat(10_000), fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])))
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), parts => {
        const ms = parts.reduce((sum, [n, unit]) => sum + n * units[unit], 0)
        expect(duration(parts.map(([n, unit]) => `${n}${unit}`).join(''))).toBe(ms)
      }),
    )
  })

  it.each(['10x', '', 's', '1', '-1d', ' 5s', '10 s', '0x10s', '1e3s', '1d12h', '1.s', '.5s', '0.1ms'])(
    '%j is refused where a literal stands',
    given => {
      const error = failureOf(() => durationMs('size', given as Duration))
      expect(error.message).toBe(`invalid size: ${JSON.stringify(given)}`)
      expect(error.hint).toMatch(/units ms, s, m, h, d, w/)
    },
  )
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 60, null, undefined, {}])('%s is refused', given => {
    expect(failureOf(() => durationMs('size', given as Duration)).code).toBe('INVALID_ARGUMENT')
  })
  it.each(['', '1d 12h', '12', 'd', '1d12', 'x1d'])('%j is no duration', text =>
    expect(failureOf(() => duration(text)).message).toBe(`invalid duration: ${JSON.stringify(text)}`),
  )
  it('of nothing are refused where some time must pass', () => {
    expect(failureOf(() => positiveMs('idle', '0s')).message).toBe('invalid idle: "0s"')
    expect(positiveMs('idle', '1ms')).toBe(1)
  })
})
