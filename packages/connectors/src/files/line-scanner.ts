/** Finds lines: they end at LF or CR LF, the last one also at the end of the file. */

import { rowTooLong } from './byte-reader.ts'
import type { ByteWindow } from './byte-window.ts'

const LF = 10
const CR = 13

export class LineScanner {
  /** Where each line found begins and ends in the window, without its line break. */
  starts = new Int32Array(1024)
  ends = new Int32Array(1024)
  /** Where the next line begins. */
  next = 0
  readonly #name: string
  readonly #maxRowBytes: number
  /** The window as far as it is known to hold no line break. */
  #searched = 0

  constructor(name: string, maxRowBytes: number) {
    this.#name = name
    this.#maxRowBytes = maxRowBytes
  }

  /** Finds at most `max` whole lines; returns how many. The caller consumes the window up to `next`. */
  scan(window: ByteWindow, max: number, ended: boolean, linesBefore: number): number {
    if (max > this.starts.length) {
      this.starts = new Int32Array(max)
      this.ends = new Int32Array(max)
    }
    const { starts, ends } = this
    const { bytes, end } = window
    let start = window.start
    let i = start + this.#searched
    let count = 0
    while (count < max && start < end) {
      while (i < end && bytes[i] !== LF) i++
      if (i === end && !ended) break
      starts[count] = start
      ends[count] = i > start && i < end && bytes[i - 1] === CR ? i - 1 : i
      if (ends[count]! - start > this.#maxRowBytes) this.#tooLong(linesBefore + count)
      count++
      start = i < end ? ++i : i
    }
    this.#searched = count === 0 ? i - start : 0
    if (this.#searched > this.#maxRowBytes) this.#tooLong(linesBefore)
    this.next = start
    return count
  }

  #tooLong(linesBefore: number): never {
    throw rowTooLong(`${this.#name}:${linesBefore + 1}:1`, this.#maxRowBytes)
  }
}
