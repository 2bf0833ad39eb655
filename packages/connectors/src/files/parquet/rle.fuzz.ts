import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RleDecoder } from './rle-decoder.ts'
import { codeWidth, packedRun } from './write/bits.ts'

interface Run {
  readonly value: number
  readonly count: number
  readonly packed: boolean
}

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)])
const low = (value: number, width: number) => Number(BigInt.asIntN(32, BigInt.asUintN(width, BigInt(value))))

/** The values of a run; packed ones come in groups of eight. */
function valuesOf({ value, count, packed }: Run, width: number): number[] {
  const length = packed ? Math.ceil(count / 8) * 8 : count
  return Array.from({ length }, (_, i) => low(packed ? value * (i + 1) : value, width))
}

/** A run as the format has it, bit by bit. */
function bytesOf(run: Run, width: number): number[] {
  const values = valuesOf(run, width)
  const bits = (run.packed ? values : values.slice(0, 1)).flatMap(v =>
    Array.from({ length: width }, (_, i) => (v >>> i) & 1),
  )
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    bits.slice(i * 8, i * 8 + 8).reduce((byte, bit, j) => byte | (bit << j), 0),
  )
  return [...varint(run.packed ? (values.length / 8) * 2 + 1 : values.length * 2), ...bytes]
}

const run = fc.record({ value: fc.nat(), count: fc.integer({ min: 1, max: 300 }), packed: fc.boolean() })
const pieces = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 })

describe('runs', () => {
  it('are decoded in any pieces', () => {
    const runs = fc.array(run, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(runs, fc.integer({ min: 0, max: 31 }), pieces, (runs, width, pieces) => {
        const expected = runs.flatMap(run => valuesOf(run, width))
        const bytes = Uint8Array.from(runs.flatMap(run => bytesOf(run, width)))
        const decoder = new RleDecoder(bytes, 0, bytes.length, width)
        const got: number[] = []
        for (let i = 0; got.length < expected.length; i++) {
          const count = Math.min(pieces[i % pieces.length]!, expected.length - got.length)
          const one = i % 3 === 0 ? decoder.takeRun(count) : -1
          const values = new Int32Array(count + 2)
          if (one >= 0) values.fill(one, 1, count + 1)
          else decoder.read(values, 1, count)
          got.push(...values.subarray(1, count + 1))
        }
        expect(got).toEqual(expected)
        const again = new Int32Array(expected.length)
        decoder.restarted().read(again, 0, again.length)
        expect([...again]).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })
  it('are written as they are read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1, maxLength: 100 }),
        fc.integer({ min: 1, max: 24 }),
        (values, width) => {
          const masked = Int32Array.from(values, v => low(v, width))
          const bytes = packedRun(masked, 0, masked.length, width)
          const got = new Int32Array(masked.length)
          new RleDecoder(bytes, 0, bytes.length, width).read(got, 0, got.length)
          expect(got).toEqual(masked)
        },
      ),
    )
  })
  it('end where their bytes do', () => {
    expect(() => new RleDecoder(Uint8Array.of(), 0, 0, 1).read(new Int32Array(1), 0, 1)).toThrow('ends too early')
    expect(() => new RleDecoder(Uint8Array.of(0, 0), 0, 2, 1).read(new Int32Array(1), 0, 1)).toThrow('run of no values')
    expect(() => new RleDecoder(Uint8Array.of(3), 0, 1, 1).read(new Int32Array(1), 0, 1)).toThrow('run of no values')
    expect(() => new RleDecoder(Uint8Array.of(), 0, 0, 33)).toThrow('invalid bit width: 33')
  })
})

describe('codes', () => {
  it('have the bits that they need', () => {
    expect([0, 1, 2, 3, 4, 5, 256, 257].map(codeWidth)).toEqual([0, 0, 1, 2, 2, 3, 8, 9])
  })
})
