/** Which windows there are, and which of them a watermark closes. */
import { MillraceError, type WindowSpec } from '@millrace/plan'
import type { CellState } from '../state/cell.ts'
import type { SlicesState } from '../state/slices.ts'

export class WindowClock {
  /** Width of a slice: every window is a whole number of them. */
  readonly sliceMs: number
  readonly #window: WindowSpec
  readonly #slices: SlicesState
  readonly #closed: CellState<number>

  constructor(window: WindowSpec, slices: SlicesState, closed: CellState<number>) {
    this.sliceMs = gcd(window.sizeMs, window.slideMs)
    this.#window = window
    this.#slices = slices
    this.#closed = closed
  }

  /** The start of the slice that a time lies in. */
  sliceOf(time: number): number {
    const { offsetMs } = this.#window
    return Math.floor((time - offsetMs) / this.sliceMs) * this.sliceMs + offsetMs
  }

  /** The end of the last window that a slice is in; less than or at its start where windows have gaps. */
  lastEnd(sliceStart: number): number {
    const { offsetMs, slideMs, sizeMs } = this.#window
    return Math.floor((sliceStart - offsetMs) / slideMs) * slideMs + offsetMs + sizeMs
  }

  /** The end of the next window to close at this watermark; undefined: none that has a slice. */
  next(watermark: number): number | undefined {
    const earliest = this.#slices.earliest()
    if (earliest === undefined) return undefined
    const end = Math.max(this.#closed.value + this.#window.slideMs, this.#firstEnd(earliest))
    return end - 1 <= watermark ? end : undefined
  }

  /** Windows at or before this watermark are closed, whether or not they had rows: a row that comes now misses them. */
  passed(watermark: number): void {
    if (watermark === Number.POSITIVE_INFINITY) return
    const { offsetMs, slideMs, sizeMs } = this.#window
    const end = Math.floor((watermark + 1 - sizeMs - offsetMs) / slideMs) * slideMs + offsetMs + sizeMs
    if (end > this.#closed.value) this.#closed.value = end
  }

  /** The end of the first window that a slice is in. */
  #firstEnd(sliceStart: number): number {
    const { offsetMs, slideMs, sizeMs } = this.#window
    const sliceEnd = sliceStart + this.sliceMs
    return Math.ceil((sliceEnd - sizeMs - offsetMs) / slideMs) * slideMs + offsetMs + sizeMs
  }

  /** Records that the window is closed, and drops the slices that no later one needs. */
  close(end: number): void {
    this.#closed.value = end
    for (const start of this.#slices.starts()) {
      if (this.lastEnd(start) > end) break
      this.#slices.drop(start)
    }
  }
}

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a - Math.floor(a / b) * b]
  return a
}

/**
 * What is closed where a job goes on with other subtasks. They had closed the same windows, unless one had passed over an
 * idle input that another waited for: then there is no moment that is right for the keys of both.
 */
export function closedBefore(former: readonly number[]): number {
  const [first, ...others] = former
  if (others.every(other => other === first)) return first
  throw new MillraceError('UNSUPPORTED', 'invalid parallelism: some workers had closed windows that others had not', {
    hint: 'go on with as many workers as before, and change their number at a later checkpoint',
  })
}
