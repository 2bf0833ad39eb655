/**
 * Points in time as ISO 8601 in UTC. Times come in order more often than not, so the text of the day is kept from one to
 * the next: `Date` alone takes a third of the time of writing a CSV file.
 */
const DAY_MS = 86_400_000
/** The last moment of `Date`, and less its sign the first. */
const LAST_MS = 8.64e15
const TWO = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'))

let knownDay = 0
let knownText = '1970-01-01T'

/** With as many decimals of a second as it takes; beyond the years of `Date`, the milliseconds as a number. */
export function timeText(ms: number): string {
  const whole = Math.floor(ms)
  if (!(Math.abs(whole) <= LAST_MS)) return String(ms)
  const day = Math.floor(whole / DAY_MS)
  if (day !== knownDay) {
    knownText = new Date(day * DAY_MS).toISOString().slice(0, -13)
    knownDay = day
  }
  const rest = whole - day * DAY_MS
  const minutes = Math.floor(rest / 60_000)
  const millis = rest - minutes * 60_000
  const hour = Math.floor(minutes / 60)
  const second = Math.floor(millis / 1000)
  const last = millis - second * 1000
  const third = last < 10 ? `00${last}` : last < 100 ? `0${last}` : `${last}`
  const clock = `${knownText}${TWO[hour]}:${TWO[minutes - hour * 60]}:${TWO[second]}.${third}`
  if (whole === ms) return `${clock}Z`
  if (ms - whole > 0.9999995) return timeText(whole + 1)
  return `${clock}${(ms - whole).toFixed(6).slice(2).replace(/0+$/, '')}Z`
}
