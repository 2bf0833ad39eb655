/**
 * Points in time from bytes: milliseconds since 1970 as a number, or ISO 8601: a date, or date and time with T or a space
 * between, down to any fraction of a second, with Z or an offset or neither. Without a zone it is the given one's.
 * Days are counted as in Hinnant, "chrono-compatible low-level date algorithms" (days_from_civil).
 */

import { parseDouble } from './number.ts'
import type { Zone } from './zone.ts'

const DAY_MS = 86_400_000

/** Milliseconds since 1970 in UTC; NaN if it is no time. */
export function parseTimestamp(bytes: Uint8Array, from: number, to: number, zone: Zone): number {
  let start = from
  let end = to
  while (start < end && bytes[start] === 32) start++
  while (end > start && bytes[end - 1] === 32) end--
  const length = end - start
  if (length < 10 || bytes[start + 4] !== 45 || bytes[start + 7] !== 45) return otherwise(bytes, start, end, zone)
  const days = parseDate(digits(bytes, start, 4), digits(bytes, start + 5, 2), digits(bytes, start + 8, 2))
  if (length === 10) return zone.toUtc(days * DAY_MS)
  return days * DAY_MS + timeOfDay(bytes, start + 10, end, days, zone)
}

/** Years beyond four digits (`+012345-01-01`), and plain numbers. */
function otherwise(bytes: Uint8Array, start: number, end: number, zone: Zone): number {
  const sign = bytes[start]
  if ((sign === 43 || sign === 45) && end - start >= 13 && bytes[start + 7] === 45 && bytes[start + 10] === 45) {
    const year = digits(bytes, start + 1, 6) * (sign === 45 ? -1 : 1)
    const days = parseDate(year, digits(bytes, start + 8, 2), digits(bytes, start + 11, 2))
    if (end - start === 13) return zone.toUtc(days * DAY_MS)
    return days * DAY_MS + timeOfDay(bytes, start + 13, end, days, zone)
  }
  const number = parseDouble(bytes, start, end)
  return number !== undefined && Number.isFinite(number) ? number : Number.NaN
}

/** From `T` on; what is to be added to the day in milliseconds, the zone already applied. NaN if it is no time. */
function timeOfDay(bytes: Uint8Array, start: number, end: number, days: number, zone: Zone): number {
  if ((bytes[start] !== 84 && bytes[start] !== 32 && bytes[start] !== 116) || end - start < 6) return Number.NaN
  if (bytes[start + 3] !== 58) return Number.NaN
  const hour = digits(bytes, start + 1, 2)
  const minute = digits(bytes, start + 4, 2)
  let second = 0
  let fraction = 0
  let at = start + 6
  if (at < end && bytes[at] === 58) {
    if (end - at < 3) return Number.NaN
    second = digits(bytes, at + 1, 2)
    at += 3
    if (at < end && (bytes[at] === 46 || bytes[at] === 44)) {
      let scale = 100
      const first = ++at
      for (; at < end && bytes[at]! >= 48 && bytes[at]! <= 57; at++, scale /= 10) fraction += (bytes[at]! - 48) * scale
      if (at === first) return Number.NaN
      if (at - first > 3) fraction = Number(`0.${decimals(bytes, first, at)}`) * 1000
    }
  }
  if (!(hour < 24 && minute < 60 && second < 60)) return Number.NaN
  const ms = (hour * 60 + minute) * 60_000 + second * 1000 + fraction
  if (at === end) return zone.toUtc(days * DAY_MS + ms) - days * DAY_MS
  return ms - offsetMs(bytes, at, end)
}

function decimals(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]!)
  return text
}

/** `Z`, `+hh`, `+hhmm`, `+hh:mm`, in milliseconds; NaN if it is none. */
function offsetMs(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start]
  const length = end - start
  if ((sign === 90 || sign === 122) && length === 1) return 0
  if (sign !== 43 && sign !== 45) return Number.NaN
  const colon = length === 6 && bytes[start + 3] === 58
  if (length !== 3 && length !== 5 && !colon) return Number.NaN
  const hours = digits(bytes, start + 1, 2)
  const minutes = length === 3 ? 0 : digits(bytes, colon ? start + 4 : start + 3, 2)
  if (!(hours < 24 && minutes < 60)) return Number.NaN
  return (hours * 60 + minutes) * (sign === 45 ? -60_000 : 60_000)
}

function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0
  for (let at = start; at < start + count; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Days since 1970; NaN if there is no such day. */
function parseDate(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1) || Number.isNaN(year)) return Number.NaN
  const leap = month === 2 && isLeap(year) ? 1 : 0
  if (!(day <= MONTH_DAYS[month - 1]! + leap)) return Number.NaN
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146097 + dayOfEra - 719468
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}
