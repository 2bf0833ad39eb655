import { MillraceError } from '@millrace/plan'
import { MAX_COLUMNS } from '../options.ts'

/** The names of a file's columns. Throws a MillraceError for a header that names none, too many, or one twice. */
export function checkHeader(names: readonly string[], at: string): readonly string[] {
  if (names.length > MAX_COLUMNS)
    throw new MillraceError('INVALID_FORMAT', `invalid header: ${names.length} columns (at most ${MAX_COLUMNS})`, {
      at,
    })
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name))
      throw new MillraceError('INVALID_FORMAT', `invalid header: two columns named ${JSON.stringify(name)}`, { at })
    seen.add(name)
  }
  return names
}

export function missingHeader(file: string): MillraceError {
  return new MillraceError('INVALID_FORMAT', 'missing header', {
    at: `${file}:1:1`,
    hint: 'The first line names the columns. For a file without one give columns and { header: false }.',
  })
}

/**
 * Per column of the file, its place among those wanted, or -1. Throws a MillraceError if one is missing.
 * @param declared all columns the user declared: a file must have them even where a plan needs fewer
 */
export function placesOf(
  header: readonly string[],
  declared: readonly string[],
  wanted: readonly string[],
  at: string,
): Int32Array {
  const known = new Set(header)
  for (const name of declared) {
    if (known.has(name)) continue
    const names = header.map(n => JSON.stringify(n)).join(', ')
    throw new MillraceError('SCHEMA_MISMATCH', `missing column: ${JSON.stringify(name)} (known: ${names})`, { at })
  }
  const places = new Map(wanted.map((name, i) => [name, i]))
  return Int32Array.from(header, name => places.get(name) ?? -1)
}
