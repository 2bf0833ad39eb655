/** Time zones by their IANA names, for local times that were written without one. */
import { invalidOption } from '../options.ts'

export interface Zone {
  /**
   * The moment at which a clock there shows this, both in milliseconds. A time that a clock shows twice means the
   * first, one that is skipped is read with the offset before the change, as in RFC 5545, section 3.3.5.
   */
  toUtc(localMs: number): number
}

export const UTC: Zone = { toUtc: localMs => localMs }

/** Throws a MillraceError if there is no such zone. */
export function zoneOf(name: string | undefined): Zone {
  if (name === undefined || name === 'UTC') return UTC
  try {
    return new NamedZone(name)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw invalidOption('timezone', name, "Give an IANA name such as 'Europe/Berlin'.")
  }
}

const QUARTER_MS = 15 * 60_000
const DAY_MS = 86_400_000
const CACHED = 4096
const YEAR_1_MS = -62_135_596_800_000 + DAY_MS

class NamedZone implements Zone {
  readonly #format: Intl.DateTimeFormat
  /** By quarter hours of UTC: offsets change at none finer. */
  readonly #offsets = new Map<number, number>()

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  toUtc(localMs: number): number {
    if (!(Math.abs(localMs) < 8.64e15 - DAY_MS)) return Number.NaN
    const before = this.#offset(localMs - DAY_MS)
    const after = this.#offset(localMs + DAY_MS)
    // around a change at most these two offsets are possible; the earlier one is right for both special cases
    if (before === after || this.#offset(localMs - before) === before) return localMs - before
    return this.#offset(localMs - after) === after ? localMs - after : localMs - before
  }

  /** What a clock there shows more than UTC, at a moment. */
  #offset(utcMs: number): number {
    const quarter = Math.floor(Math.max(utcMs, YEAR_1_MS) / QUARTER_MS) // earlier years come without their era
    let offset = this.#offsets.get(quarter)
    if (offset === undefined) {
      offset = this.#ask(quarter * QUARTER_MS)
      if (this.#offsets.size >= CACHED) this.#offsets.clear()
      this.#offsets.set(quarter, offset)
    }
    return offset
  }

  #ask(utcMs: number): number {
    const parts = new Map(this.#format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]))
    const shown = new Date(0)
    shown.setUTCFullYear(parts.get('year')!, parts.get('month')! - 1, parts.get('day'))
    shown.setUTCHours(parts.get('hour')!, parts.get('minute'), parts.get('second'))
    return shown.getTime() - utcMs
  }
}
