/** What a user declares of keyed state: its kind, and how long, in which columns and in which version it is kept. */
import type { Schema } from '@millrace/algebra'

type StateFunction = (...parameters: never[]) => unknown

/** How long a value lives, in processing time, and what makes that begin anew. */
export interface StateTtl {
  readonly afterMs: number
  /** create: nothing; write: its being set; read: that, and its being read. */
  readonly refresh: 'create' | 'write' | 'read'
}

interface Common {
  /** Absent: for ever. */
  readonly ttl?: StateTtl | undefined
  /** Absent: 1. */
  readonly version?: number | undefined
  /** What a value of an older version is in this one. */
  readonly migrate?: StateFunction | undefined
}

interface OneValue extends Common {
  /** Kept in these typed columns; absent: as the opaque value it is. */
  readonly schema?: Schema | undefined
}

interface ValueSpec extends OneValue {
  readonly kind: 'value'
  readonly default?: unknown
}

interface ContainerSpec extends Common {
  /** broadcast: a map without a key, alike on every worker. */
  readonly kind: 'list' | 'map' | 'broadcast'
}

interface ReducingSpec extends OneValue {
  readonly kind: 'reducing'
  readonly reduce: StateFunction
}

interface AggregatingSpec extends OneValue {
  readonly kind: 'aggregating'
  readonly create: StateFunction
  readonly add: StateFunction
  readonly result: StateFunction
}

export type StateSpec = ValueSpec | ContainerSpec | ReducingSpec | AggregatingSpec
