/**
 * Errors about names: what was given, what is known, and which known name was probably meant.
 *
 * Closeness is the optimal string alignment distance (Damerau 1964: insert, delete, replace, swap neighbours), without
 * regard to case; a name is suggested if at most a third of its letters, and at least one, would have to change.
 */
import { type ErrorCode, type ErrorDetails, MillraceError } from './error.ts'

/** How many known names a message lists before it says how many more there are. */
const LISTED = 30

export function unknownName(
  code: ErrorCode,
  what: string,
  given: string,
  known: readonly string[],
  details: ErrorDetails = {},
): MillraceError {
  const meant = suggestion(given, known)
  const hint = details.hint ?? (meant === undefined ? undefined : `did you mean ${JSON.stringify(meant)}?`)
  const more = known.length > LISTED ? `, and ${known.length - LISTED} more` : ''
  const list = known.length === 0 ? 'none' : known.slice(0, LISTED).map(quoteName).join(', ') + more
  return new MillraceError(code, `unknown ${what}: ${quoteName(given)} (known: ${list})`, { ...details, hint })
}

/** The name as it is where it reads as one, otherwise as a JSON string. */
export function quoteName(name: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$.-]*$/u.test(name) ? name : JSON.stringify(name)
}

/** The known name closest to the given one, if any is close; the first of several. */
export function suggestion(given: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const name of known) {
    if (Math.abs(name.length - given.length) >= least) continue
    const changes = distance(given.toLowerCase(), name.toLowerCase())
    if (changes >= least) continue
    least = changes
    best = name
  }
  return best
}

function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(above[j]! + 1, row[j - 1]! + 1, replaced)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1)
    }
    before = above
    above = row
  }
  return above[b.length]!
}
