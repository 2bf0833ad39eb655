/** Values that are already known to fit, as a column of their type. */
import { type Column, columnBuilder, type DataType, field } from '@millrace/algebra'

export function columnOfValues(type: DataType, values: readonly unknown[]): Column {
  const builder = columnBuilder(field('value', type, true), values.length)
  for (const value of values) builder.append(value)
  return builder.take()
}
