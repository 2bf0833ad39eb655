import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSuspect, JsonError, parseExactly } from './exact-json.ts'
import { jsonText } from './json-text.ts'

const all = { wanted: undefined, bigints: new Set<string>() }

/** What `JSON.parse` says, where it loses nothing. */
function twin(text: string): unknown {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return 'no JSON'
  }
}
function exact(text: string): unknown {
  try {
    return { value: parseExactly(text, all).value }
  } catch (error) {
    if (error instanceof JsonError) return 'no JSON'
    throw error
  }
}

describe('exact JSON', () => {
  it('is what JSON.parse says of it', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.constantFrom('', ' ', '\t\n'), (text, space) => {
        expect(exact(space + text + space)).toEqual(twin(text))
      }),
      { numRuns: 500 },
    )
  })
  it('is no JSON where JSON.parse says so', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\n"',
      '"\\u12aB"',
      '"',
      '\\',
      '1',
      '-',
      '0',
      '.5',
      'e3',
      'true',
      'null',
      ' ',
      '\n',
      '\u00a0',
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 8 }), parts => {
        expect(exact(parts.join(''))).toEqual(twin(parts.join('')))
      }),
      { numRuns: 2000 },
    )
  })
  it('is asked whenever a number may lose digits', () => {
    const integer = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })
    fc.assert(
      fc.property(integer, fc.constantFrom('', '[', '{"a":', '{"b":[1, ', '[\n'), (value, before) => {
        const text = `${before}${value}`
        const lost = BigInt(Number(value)) !== value && String(Number(value)) !== String(value)
        if (lost) expect(isSuspect(text)).toBe(true)
      }),
      { numRuns: 1000 },
    )
    for (const text of ['1e999', '[-1E+400]', '1.5e308', '99999999999999999e300']) expect(isSuspect(text)).toBe(true)
  })
  it('reads long strings', () => {
    const text = JSON.stringify('\n"é'.repeat(1_000_000))
    expect(parseExactly(text, all).value).toBe(JSON.parse(text))
  })
})

describe('JSON text', () => {
  it('is that of JSON.stringify where that loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), value => {
        expect(jsonText(value).replaceAll('-0', '0')).toBe(JSON.stringify(value).replaceAll('-0', '0'))
        expect(JSON.parse(jsonText(value))).toEqual(value)
      }),
    )
  })
})
