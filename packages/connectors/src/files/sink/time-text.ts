/** A point in time as ISO 8601 in UTC, with as many decimals of a second as it takes; beyond the years of `Date`, its milliseconds. */
export function timeText(ms: number): string {
  const whole = Math.floor(ms)
  const date = new Date(whole)
  if (Number.isNaN(date.getTime())) return String(ms)
  const text = date.toISOString()
  if (whole === ms) return text
  const decimals = (ms - whole).toFixed(6).slice(2).replace(/0+$/, '')
  return ms - whole > 0.9999995 ? new Date(whole + 1).toISOString() : `${text.slice(0, -1)}${decimals}Z`
}
