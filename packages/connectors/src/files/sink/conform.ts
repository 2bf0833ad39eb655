/**
 * From the rows of a stream to those a sink was declared to write: the same columns by name, or objects made columns.
 */
import { Batch, BatchBuilder, Schema, ValueError } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { rejectedBy } from '../../reject.ts'

/** Turns a batch of the stream's schema into one of the sink's; lent until the next call. */
export type Conform = (batch: Batch) => Batch

/** Throws a MillraceError if the stream has not the columns that the sink writes. */
export function conform(from: Schema, to: Schema): Conform {
  if (Schema.equal(from, to)) return batch => batch
  if (Schema.isOpaque(from)) return columnsOf(to)
  const columns = to.fields.map(wanted => {
    const index = Schema.indexOf(from, wanted.name)
    const given = from.fields[index]
    const name = JSON.stringify(wanted.name)
    if (given === undefined) {
      const known = from.fields.map(f => f.name).join(', ')
      throw new MillraceError('SCHEMA_MISMATCH', `missing column to write: ${name} (known: ${known})`)
    }
    if (given.type.kind !== wanted.type.kind)
      throw mismatch(name, given.type.kind, `It was declared ${wanted.type.kind}.`)
    if (given.nullable && !wanted.nullable)
      throw mismatch(name, 'nullable', `Declare it ${wanted.type.kind}.nullable().`)
    return index
  })
  return ({ columns: given, length, selection, weights, times }) => {
    const kept = columns.map(c => given[c]!)
    return new Batch(to, kept, length, selection, weights, times)
  }
}

function mismatch(name: string, given: string, hint: string): MillraceError {
  return new MillraceError('SCHEMA_MISMATCH', `invalid type of column ${name} to write: ${given}`, { hint })
}

function columnsOf(to: Schema): Conform {
  const builder = new BatchBuilder(to)
  return batch => {
    builder.clear()
    for (let i = 0; i < batch.length; i++) {
      try {
        builder.append(batch.row(i), batch.weight(i))
      } catch (error) {
        if (!(error instanceof ValueError)) throw error
        const { at, message } = rejectedBy(error, 'row to write', '')
        throw new MillraceError('INVALID_VALUE', message, { at, cause: error })
      }
    }
    return builder.build()
  }
}

/** The error of a format that has columns, for rows of which none are known. */
export function columnsNeeded(label: string): MillraceError {
  return new MillraceError('SCHEMA_MISMATCH', `missing columns to write: ${label}`, {
    hint: 'The rows have no schema: declare the columns, as in csv(path, { name: text }).',
  })
}
