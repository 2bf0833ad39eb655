/** Times as text: the profile of ISO 8601 that SQL literals use. */

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/

/**
 * Milliseconds since 1970 in UTC of a date or a date and time; undefined if it is none. A text without a zone is
 * UTC, never the machine's zone. Digits below a millisecond are dropped.
 */
export function parseTime(text: string): number | undefined {
  const match = iso.exec(text.trim())
  if (match === null) return undefined
  const parts = match.slice(1, 7).map(part => Number(part ?? 0))
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number]
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hour, minute, second, Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)))
  // What is too great, the 30th of February or second 60, has moved on to the next.
  const kept = [
    time.getUTCMonth() + 1,
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  ]
  if (kept.some((part, i) => part !== parts[i + 1])) return undefined
  return time.getTime() - offsetMs(match[8])
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
