import { showValue, ValueError } from '@millrace/algebra'
import { InvalidRow, type Rejected } from '@millrace/runtime'

const SHOWN = 80

/**
 * What a source tells of a row it cannot take, from the error its builder or validator threw; any other error is
 * thrown on.
 * @param at where the row is; the column is added
 * @param text the row as it was read
 */
export function rejectedBy(error: unknown, at: string, text: string): Rejected {
  if (error instanceof ValueError) {
    const where = error.column === '' ? at : `${at} (column ${JSON.stringify(error.column)})`
    return { at: where, message: valueMessage(error), text }
  }
  if (error instanceof InvalidRow) return { at, message: `invalid row: ${error.message}`, text }
  throw error
}

function valueMessage({ value, expected }: ValueError): string {
  return value === null || value === undefined ? `missing ${expected}` : `invalid ${expected}: ${showValue(value)}`
}

/** Text as messages show it: quoted, on one line, at most 80 characters of it. */
export function showText(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text)
}
