/**
 * Versions of what users keep: which one a part of a snapshot has, and how its values become those of the program that
 * restores it.
 */
import { MillraceError } from '@millrace/plan'
import type { Json } from '../source.ts'

/** What one program says of a state over time. */
export interface Evolution {
  /** The state as the user calls it. */
  readonly name: string
  /** What holds it: `value`, `list`. A stored one of another kind cannot be read. */
  readonly kind: string
  readonly version: number
  readonly migrate?: ((old: unknown, fromVersion: number) => unknown) | undefined
}

type Migration = (old: unknown) => unknown

/** What a part of a snapshot says of its values; null where nothing evolves. */
export function versionMeta(evolution: Evolution | undefined): Json {
  return evolution === undefined ? null : { kind: evolution.kind, version: evolution.version }
}

/** From values of that part to those of today; null: they are the same. Throws STATE_MISMATCH where there is no way. */
export function migrationOf(evolution: Evolution | undefined, meta: Json): Migration | null {
  if (evolution === undefined) return null
  const { name, kind, version, migrate } = evolution
  const stored = (meta ?? {}) as { readonly kind?: string; readonly version?: number }
  const shown = JSON.stringify(name)
  if (stored.kind !== undefined && stored.kind !== kind)
    throw new MillraceError('STATE_MISMATCH', `invalid state ${shown}: stored as ${stored.kind}, declared as ${kind}`, {
      hint: `declare it as ${stored.kind}, or give what is new a name of its own`,
    })
  const from = stored.version ?? 1
  if (from === version) return null
  if (from > version)
    throw new MillraceError('STATE_MISMATCH', `unknown version of state ${shown}: ${from} (known: up to ${version})`, {
      hint: 'it was stored by a newer program: restore it with that, or from an older checkpoint',
    })
  if (migrate === undefined)
    throw new MillraceError(
      'STATE_MISMATCH',
      `missing migration of state ${shown}: from version ${from} to ${version}`,
      {
        hint: 'declare how an old value becomes a new one: { version, migrate: (old, fromVersion) => ... }',
      },
    )
  return old => migrated(evolution, old, from)
}

function migrated({ name, version, migrate }: Evolution, old: unknown, from: number): unknown {
  let value: unknown
  try {
    value = migrate!(old, from)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new MillraceError('USER_FUNCTION', message, {
      cause: error,
      hint: `thrown by the migration of state ${JSON.stringify(name)} from version ${from} to ${version}`,
    })
  }
  if (value !== undefined) return value
  throw new MillraceError('USER_FUNCTION', `missing result of the migration of state ${JSON.stringify(name)}`, {
    hint: 'return a value of the new version; what is of no use any more may be null',
  })
}
