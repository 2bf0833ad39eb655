/**
 * The selected rows of an array written one behind the other: the inner loops of compacting, concatenating and encoding.
 * Each takes physical row `selection[i]`, or i where there is no selection, to `out[at + i]`.
 */
import type { Validity } from './column.ts'

export type Selection = Int32Array | null

export function copyInts(values: Int32Array, selection: Selection, length: number, out: Int32Array, at: number): void {
  if (selection === null) out.set(values.subarray(0, length), at)
  else for (let i = 0; i < length; i++) out[at + i] = values[selection[i]]
}

export function copyDoubles(
  values: Float64Array,
  selection: Selection,
  length: number,
  out: Float64Array,
  at: number,
): void {
  if (selection === null) out.set(values.subarray(0, length), at)
  else for (let i = 0; i < length; i++) out[at + i] = values[selection[i]]
}

export function copyBytes(values: Uint8Array, selection: Selection, length: number, out: Uint8Array, at: number): void {
  if (selection === null) out.set(values.subarray(0, length), at)
  else for (let i = 0; i < length; i++) out[at + i] = values[selection[i]]
}

/** Moves 64 bits as two words: a bigint a row would be an allocation a row. */
export function copyBigints(
  values: BigInt64Array,
  selection: Selection,
  length: number,
  out: BigInt64Array,
  at: number,
): void {
  if (selection === null) {
    out.set(values.subarray(0, length), at)
    return
  }
  const from = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const to = new Int32Array(out.buffer, out.byteOffset, out.length * 2)
  for (let i = 0; i < length; i++) {
    to[(at + i) * 2] = from[selection[i] * 2]
    to[(at + i) * 2 + 1] = from[selection[i] * 2 + 1]
  }
}

/** Writes bits at bit `at` of `out`, whose bits from there on must be 0. */
export function copyBits(validity: Validity, selection: Selection, length: number, out: Uint8Array, at: number): void {
  if (validity !== null && selection === null && (at & 7) === 0) {
    const whole = length >>> 3
    out.set(validity.subarray(0, whole), at >>> 3)
    if ((length & 7) !== 0) out[(at >>> 3) + whole] = validity[whole] & ((1 << (length & 7)) - 1)
    return
  }
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    const bit = validity === null ? 1 : (validity[row >>> 3] >>> (row & 7)) & 1
    out[(at + i) >>> 3] |= bit << ((at + i) & 7)
  }
}
