/** Short ways to write schemas, sources and keys in tests of plans. */
import { field, Schema, type TypeKind } from '@millrace/algebra'
import {
  type CallSite,
  explain,
  type KeySpec,
  MillraceError,
  type PlanNode,
  type SourceSpec,
  sourceNode,
} from '@millrace/plan'

/** A call site for nodes that no user wrote. */
export const site: CallSite = { file: 'job.ts', line: 3, column: 5 }

/** `'a int32, b text?'` as a record schema (`?`: may be null); `''` as the opaque one. */
export function schemaOf(text: string): Schema {
  if (text === '') return Schema.opaque
  return Schema.record(
    text.split(', ').map(part => {
      const [name, kind] = part.split(' ') as [string, string]
      return field(name, kind.replace('?', '') as TypeKind, kind.endsWith('?'))
    }),
  )
}

/** The columns of a schema as `schemaOf` reads them. */
export function textOf({ fields }: Schema): string {
  return fields.map(f => `${f.name} ${f.type.kind}${f.nullable ? '?' : ''}`).join(', ')
}

/** An unbounded source of those columns that prunes nothing and accepts nothing, unless told otherwise. */
export function sourceOf(columns: string, spec: Partial<SourceSpec> = {}): PlanNode {
  return sourceNode({
    source: { label: 'test', schema: schemaOf(columns), bounded: false, prunes: false, ...spec },
    site,
  })
}

export function by(...columns: string[]): KeySpec {
  return { kind: 'columns', columns }
}

/** The MillraceError that the call throws; fails if it throws none. */
export function failureOf(run: () => unknown): MillraceError {
  try {
    run()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('expected a MillraceError')
}

/** `CODE: message; hint` of the error that the call throws. Fails if the error does not know the call site. */
export function refusal(run: () => unknown): string {
  const { code, message, hint, details } = failureOf(run)
  if (details.site !== site) throw new Error(`expected the call site with: ${message}`)
  return `${code}: ${message}${hint === undefined ? '' : `; ${hint}`}`
}

/** The plan as `explain` shows it, without kinds and call sites. */
export function shapeOf(...plan: readonly PlanNode[]): string {
  return explain(plan).replaceAll(/ {2}\[\w+\](?: {2}at \S+)?$/gm, '')
}
