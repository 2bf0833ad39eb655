/**
 * From stored numbers to a column's: no BigInt is made of a 64-bit integer, its halves are put together as doubles. What
 * does not fit is noted with its index.
 */
import type { Zone } from '../parse/zone.ts'
import type { TimeUnit } from './leaf.ts'
import type { RawNumbers } from './raw-values.ts'

/** Values that do not fit their column, by index, as errors show them. */
export type Unfit = Map<number, string>

const TWO_32 = 2 ** 32

export function toInt32(raw: RawNumbers, unfit: Unfit): Int32Array {
  if (raw instanceof Int32Array) return raw
  const halves = halvesOf(raw)
  const values = new Int32Array(raw.length)
  for (let i = 0; i < raw.length; i++) {
    const low = halves[2 * i]!
    values[i] = low
    if (halves[2 * i + 1] !== low >> 31) unfit.set(i, String(raw[i]))
  }
  return values
}

export function toDoubles(raw: RawNumbers, unsigned: boolean, unfit: Unfit): Float64Array {
  if (raw instanceof Float64Array) return raw
  if (raw instanceof Float32Array) return Float64Array.from(raw)
  if (raw instanceof Int32Array)
    return Float64Array.from(unsigned ? new Uint32Array(raw.buffer, raw.byteOffset, raw.length) : raw)
  const halves = halvesOf(raw)
  const values = new Float64Array(raw.length)
  for (let i = 0; i < raw.length; i++) {
    const high = halves[2 * i + 1]!
    const value = high * TWO_32 + (halves[2 * i]! >>> 0)
    values[i] = value
    const big = high >= 0x20_0000 || high < -0x20_0000
    if (big && BigInt(value) !== raw[i]) unfit.set(i, `${raw[i]} (a double cannot hold it exactly)`)
  }
  return values
}

export function toBigints(raw: RawNumbers, unsigned: boolean): BigInt64Array {
  if (raw instanceof BigInt64Array) return raw
  const values = new BigInt64Array(raw.length)
  for (let i = 0; i < raw.length; i++) values[i] = BigInt(unsigned ? raw[i]! >>> 0 : raw[i]!)
  return values
}

/** Milliseconds since 1970. Times of a clock in no zone are read in the given one. */
export function toTimes(raw: RawNumbers, unit: TimeUnit, zone: Zone | undefined): Float64Array {
  const times =
    raw instanceof BigInt64Array ? scaled(raw, unit) : Float64Array.from(raw as Int32Array, days => days * 86_400_000)
  if (zone !== undefined) for (let i = 0; i < times.length; i++) times[i] = zone.toUtc(times[i]!)
  return times
}

function scaled(raw: BigInt64Array, unit: TimeUnit): Float64Array {
  const halves = halvesOf(raw)
  const times = new Float64Array(raw.length)
  for (let i = 0; i < raw.length; i++) {
    const low = halves[2 * i]! >>> 0
    const high = halves[2 * i + 1]!
    if (unit === 'nanos') {
      // 2^32 = 4294 * 10^6 + 967296, so that every intermediate result is exact
      const rest = high * 967_296 + low
      const whole = Math.floor(rest / 1e6)
      times[i] = high * 4294 + whole + (rest - whole * 1e6) / 1e6
    } else {
      const value = high * TWO_32 + low
      if (unit === 'millis') times[i] = value
      else if (Number.isSafeInteger(value)) times[i] = value / 1000
      else times[i] = Number(raw[i]! / 1000n) + Number(raw[i]! % 1000n) / 1000
    }
  }
  return times
}

/** Low and high words in turns; machines that Node runs on are little-endian. */
function halvesOf(raw: RawNumbers): Int32Array {
  return new Int32Array(raw.buffer, raw.byteOffset, raw.length * 2)
}
