import { showValue } from '@millrace/algebra'

const FIELDS = 8

/** Which row it was, as errors say it: `the row with id: 1, name: "a"`. */
export function describeRow(row: unknown): string {
  if (typeof row !== 'object' || row === null || Array.isArray(row) || row instanceof Date)
    return `the row ${showValue(row)}`
  const fields = Object.entries(row).map(([name, value]) => `${name}: ${showValue(value)}`)
  const more = fields.length > FIELDS ? ', …' : ''
  return `the row with ${fields.slice(0, FIELDS).join(', ')}${more}`
}
