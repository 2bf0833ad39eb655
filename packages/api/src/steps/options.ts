/** Options of the user: unknown ones are errors that list those that exist. */
import { MillraceError, unknownName } from '@millrace/plan'

/** Throws INVALID_OPTION for a name that is not known, INVALID_ARGUMENT if the options are no object. */
export function checkOptions(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new MillraceError('INVALID_ARGUMENT', `invalid options of ${what}: ${String(options)}`)
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw unknownName('INVALID_OPTION', `option of ${what}`, name, known)
}

/** Throws INVALID_ARGUMENT unless it is a function. */
export function checkFunction(what: string, f: unknown): void {
  if (typeof f !== 'function') throw new MillraceError('INVALID_ARGUMENT', `invalid function of ${what}: ${String(f)}`)
}
