/**
 * What a user may say about the rows of a source: columns, any Standard Schema, or nothing.
 */
import type { Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { type Columns, schemaOf } from './columns.ts'
import type { RowSchema } from './row.ts'
import { describeIssues, type StandardSchema } from './standard-schema.ts'
import { schemaOfValidator } from './validator-columns.ts'

/** The argument as users write it. */
export type RowsArgument = Columns | StandardSchema | undefined

export interface DeclaredRows {
  /** Of the rows the source gives; opaque where a validator does not tell their types. Undefined: nothing was declared. */
  readonly schema: Schema | undefined
  /** Returns the valid row or throws `InvalidRow`. Undefined where columns check the values. */
  readonly validate: ((candidate: unknown) => unknown) | undefined
}

/** A row that a validator refused; the message says why. */
export class InvalidRow extends Error {
  override readonly name = 'InvalidRow'
}

/** Understands what a user declared. Throws a MillraceError if it is neither columns nor a validator. */
export function declaredRows(argument: RowsArgument): DeclaredRows {
  if (argument === undefined) return { schema: undefined, validate: undefined }
  if (isStandard(argument)) {
    const known = (argument as Partial<RowSchema<unknown>>).schema
    if (argument['~standard'].vendor === 'millrace' && known !== undefined)
      return { schema: known, validate: undefined }
    return { schema: schemaOfValidator(argument), validate: candidate => validated(argument, candidate) }
  }
  if (typeof argument !== 'object' || argument === null)
    throw new MillraceError('INVALID_ARGUMENT', `invalid schema: ${String(argument)}`, {
      hint: 'Give columns as { name: text }, or a Standard Schema validator such as one of zod.',
    })
  return { schema: schemaOf(argument), validate: undefined }
}

function isStandard(argument: Columns | StandardSchema): argument is StandardSchema {
  const type = typeof argument // arktype's validators are functions
  if ((type !== 'object' && type !== 'function') || argument === null) return false
  const standard = (argument as Partial<StandardSchema>)['~standard']
  return typeof standard?.validate === 'function'
}

function validated(schema: StandardSchema, candidate: unknown): unknown {
  const result = schema['~standard'].validate(candidate)
  if (result instanceof Promise)
    throw new MillraceError('UNSUPPORTED', 'invalid schema: its validation is asynchronous', {
      hint: 'Rows are checked as they are read; leave asynchronous checks to a later step of the job.',
    })
  if (result.issues !== undefined) throw new InvalidRow(describeIssues(result.issues))
  return result.value
}
