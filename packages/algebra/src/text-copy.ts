/**
 * Copying the text that the rows of a UTF-8 column refer to, and no more of its heap. Rows are views that may share
 * and overlap: where they add up to more than the stretch of heap that they lie in, that stretch is copied as it is,
 * so that a copy is never larger than its source. That is also the fast path of a column that was built in order.
 */
import { isValid, type Validity } from './column.ts'

/** What to copy, in words. */
export interface TextExtent {
  /** The stretch that holds every row. */
  readonly from: number
  readonly to: number
  /** Words of the copy. */
  readonly words: number
}

/**
 * Measures `length` rows of starts and lengths. Absent and empty rows are set to start 0, length 0: what an absent row
 * held is unspecified.
 */
export function measureText(starts: Int32Array, lengths: Int32Array, validity: Validity, length: number): TextExtent {
  let from = 0x7fffffff
  let to = 0
  let words = 0
  for (let i = 0; i < length; i++) {
    if (lengths[i] === 0 || !isValid(validity, i)) {
      starts[i] = 0
      lengths[i] = 0
      continue
    }
    const start = starts[i]
    const count = (lengths[i] + 3) >>> 2
    words += count
    if (start < from) from = start
    if (start + count > to) to = start + count
  }
  return words === 0 ? NOTHING : { from, to, words: Math.min(words, to - from) }
}

const NOTHING: TextExtent = { from: 0, to: 0, words: 0 }

/** Copies the measured rows to word `at` of `out`, and points `starts` there. */
export function copyText(
  extent: TextExtent,
  heap: Int32Array,
  starts: Int32Array,
  lengths: Int32Array,
  length: number,
  out: Int32Array,
  at: number,
): void {
  if (extent.words === extent.to - extent.from) {
    out.set(heap.subarray(extent.from, extent.to), at)
    const shift = at - extent.from
    for (let i = 0; i < length; i++) if (lengths[i] !== 0) starts[i] += shift
    return
  }
  for (let i = 0; i < length; i++) {
    const bytes = lengths[i]
    if (bytes === 0) continue
    const start = starts[i]
    const count = (bytes + 3) >>> 2
    if (count > 32) out.set(heap.subarray(start, start + count), at)
    else for (let word = 0; word < count; word++) out[at + word] = heap[start + word]
    if ((bytes & 3) !== 0) out[at + count - 1] &= (1 << ((bytes & 3) * 8)) - 1
    starts[i] = at
    at += count
  }
}
