/** What a manifest says of declared states: names, columns, versions, keys. */
import type { Schema } from '@millrace/algebra'
import type { StateRecord } from '../checkpoint/manifest.ts'
import type { OperatorSpec } from '../operator.ts'
import type { StateDeclaration } from '../state/declaration.ts'

export type ToldField = NonNullable<StateRecord['fields']>[number]

export function toldFields(declaration: StateDeclaration): readonly ToldField[] | undefined {
  if ('fields' in declaration) return told(declaration.fields)
  if (!('schema' in declaration) || declaration.schema === undefined) return undefined
  return told(declaration.schema.fields)
}

function told(fields: Schema['fields']): readonly ToldField[] {
  return fields.map(({ name, type, nullable }) => ({ name, type: type.kind, nullable }))
}

export function versionOf(declaration: StateDeclaration): number | undefined {
  return 'evolution' in declaration ? declaration.evolution?.version : undefined
}

/** The key that an operator's state is kept by, of its first input that has one; undefined: it is kept by none. */
export function keyOf({ inputs }: OperatorSpec): readonly ToldField[] | undefined {
  const keyed = inputs.find(({ key }) => key !== undefined)
  if (keyed === undefined) return undefined
  return told(keyed.key!.columns.map(c => keyed.schema.fields[c]))
}

/** The names of a key's columns as the user has them: where they are computed or put together first, they are numbered. */
export function keyNames(key: readonly ToldField[]): readonly string[] {
  return key.map(({ name }) => name.replace(/^(\d+:)+/, ''))
}

/** As the user called it. */
export function toldName(state: string): string {
  return state.startsWith('state:') ? state.slice('state:'.length) : state
}
