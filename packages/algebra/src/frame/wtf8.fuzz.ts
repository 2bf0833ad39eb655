/** Text of unknown origin against a twin: bytes are a string if encoding what they decode to gives them back. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, utf8Length, writeUtf8 } from '../utf8.ts'
import { FrameError } from './frame-error.ts'
import { checkText, decodeText } from './wtf8.ts'

const HIGH = [0xed, 0xa0, 0x80]
const LOW = [0xed, 0xb0, 0x80]
const piece = fc.oneof(
  fc.constantFrom([0x61], [0x61], [0xc3, 0xa4], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98, 0x80], HIGH, LOW, HIGH, LOW),
  fc.constantFrom([0xed, 0xaf, 0xbf], [0xed, 0x9f, 0xbf], [0xee, 0x80, 0x80], [0xf4, 0x8f, 0xbf, 0xbf], [0]),
  // Stray, cut, overlong and too large.
  fc.constantFrom(
    [0x80],
    [0xc3],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xc1, 0x80],
    [0xe0, 0x9f, 0x80],
    [0xf0, 0x8f, 0x80, 0x80],
  ),
  fc.constantFrom([0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff]),
)
const pieces = (weights: [number, number]) =>
  fc.array(fc.oneof({ arbitrary: valid, weight: weights[0] }, { arbitrary: piece, weight: weights[1] }), {
    maxLength: 30,
    size: 'max',
  })
const valid = fc.constantFrom([0x61], [0x62], [0xc3, 0xa4], [0xf0, 0x9f, 0x98, 0x80], HIGH, LOW)

function encode(text: string): number[] {
  const bytes = new Uint8Array(utf8Length(text))
  writeUtf8(bytes, 0, text)
  return [...bytes]
}

function words(bytes: readonly number[]): Int32Array {
  const heap = new Int32Array((bytes.length + 3) >>> 2)
  new Uint8Array(heap.buffer).set(bytes)
  return heap
}

/** The string that the bytes are; null if they are none. */
function twin(bytes: readonly number[]): string | null {
  try {
    const text = decodeUtf8(words(bytes), 0, bytes.length)
    return encode(text).join() === bytes.join() ? text : null
  } catch {
    return null
  }
}

function accepts(act: () => unknown): boolean {
  try {
    act()
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError)
    return false
  }
}

describe('decodeText', () => {
  it('takes what is a string and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(pieces([30, 1]), pieces([1, 1])), fc.nat({ max: 3 }), (parts, before) => {
        const bytes = parts.flat()
        const placed = Uint8Array.from([...new Array<number>(before).fill(0x80), ...bytes, 0x80])
        const decode = () => decodeText(placed, before, before + bytes.length, 'x')
        const expected = twin(bytes)
        if (expected === null) expect(decode).toThrow(FrameError)
        else expect(decode()).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })
})

describe('checkText', () => {
  it('lets no row through that is not a string', () => {
    const row = fc.record({ start: fc.integer({ min: -1, max: 6 }), length: fc.integer({ min: -1, max: 8 }) })
    let accepted = 0
    fc.assert(
      fc.property(pieces([200, 1]), fc.array(row, { minLength: 1, maxLength: 2 }), (parts, rows) => {
        const bytes = parts.flat()
        const heap = words(bytes)
        const check = () =>
          checkText(
            heap,
            Int32Array.from(rows, r => r.start),
            Int32Array.from(rows, r => r.length),
            'x',
          )
        if (!accepts(check)) return
        accepted++
        for (const { start, length } of rows) {
          expect(start >= 0 && length >= 0 && start * 4 + length <= heap.byteLength).toBe(true)
          const text = [...new Uint8Array(heap.buffer).subarray(start * 4, start * 4 + length)]
          expect(twin(text)).not.toBeNull()
        }
      }),
      { numRuns: 1500 },
    )

    expect(accepted).toBeGreaterThan(40)
  })

  it('takes strings one behind the other, whatever they end and begin with, and their beginnings', () => {
    const text = fc.array(fc.constantFrom('a', 'ä', '\uD800', '\uDC00', '\u{1F600}', '€'), { maxLength: 6 })
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.nat()), { maxLength: 8 }), texts => {
        const starts: number[] = []
        const lengths: number[] = []
        const heap: number[] = []
        for (const [characters, cut] of texts) {
          const whole = encode(characters.join(''))
          const part = encode(
            Array.from(characters.join(''))
              .slice(0, cut % 7)
              .join(''),
          )
          for (const view of [whole, part]) {
            starts.push(heap.length / 4)
            lengths.push(view.length)
          }
          heap.push(...whole, ...new Array<number>(-whole.length & 3).fill(0))
        }
        expect(accepts(() => checkText(words(heap), Int32Array.from(starts), Int32Array.from(lengths), 'x'))).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  it('does not overflow', () => {
    const heap = words([0x61])
    for (const [start, length] of [
      [2 ** 31 - 1, 4],
      [2 ** 31 - 1, 2 ** 31 - 1],
      [0, 2 ** 31 - 1],
      [1, 1],
      [0, 5],
    ])
      expect(accepts(() => checkText(heap, Int32Array.of(start), Int32Array.of(length), 'x'))).toBe(false)
    expect(accepts(() => checkText(heap, Int32Array.of(1, 0), Int32Array.of(0, 4), 'x'))).toBe(true)
  })
})
