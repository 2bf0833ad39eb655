/**
 * Standard Schema, version 1 (https://standardschema.dev): the interface that zod, valibot, arktype and others share,
 * so that any of them can say what a row is. Only the part that Millrace uses, as types; nothing is imported.
 */

export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': StandardProperties<Input, Output>
}

export interface StandardProperties<Input, Output> {
  readonly version: 1
  /** Which library made the validator. */
  readonly vendor: string
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
  /** In the type only. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a validator returns for a valid row. */
export type OutputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

/** The issues as one line, paths first: `tags[2]: expected string; age: expected number`. */
export function describeIssues(issues: readonly StandardIssue[]): string {
  return issues.map(({ message, path }) => (path?.length ? `${showPath(path)}: ${message}` : message)).join('; ')
}

function showPath(path: NonNullable<StandardIssue['path']>): string {
  let shown = ''
  for (const segment of path) {
    const key = typeof segment === 'object' ? segment.key : segment
    shown += typeof key === 'number' ? `[${key}]` : `${shown === '' ? '' : '.'}${String(key)}`
  }
  return shown
}
