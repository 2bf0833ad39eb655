/**
 * The manifest of a checkpoint: what it is made of, and what a restored job has to know beside its states. A checkpoint
 * counts from the moment its manifest is durably in place, and never counted before (docs/formats/checkpoints.md).
 */
import type { Json, Split } from '../source.ts'
import type { StoredFile } from './storage.ts'

export const MANIFEST_VERSION = 1

/** A savepoint belongs to its user: nobody deletes it, and it needs no file of another checkpoint. */
export type CheckpointKind = 'checkpoint' | 'savepoint'

/** One declared state of an operator. */
export interface StateRecord {
  readonly name: string
  /** `StateDeclaration.kind`. */
  readonly kind: string
  /** The columns of typed states, as `Schema` tells them; what a changed program is compared with. */
  readonly fields?: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[]
  readonly version?: number
  /** What stands in the columns, where types and names do not tell. */
  readonly means?: readonly string[]
  /** In this checkpoint, over all subtasks. */
  readonly rows: number
  readonly bytes: number
}

/** Where one subtask stood at the barrier. */
export interface SubtaskRecord {
  readonly site: number
  /** It had said its last, and has no state. */
  readonly finished: boolean
  /** Infinite times are the strings `Infinity` and `-Infinity`. */
  readonly watermark: number | string
  /** What the vertex remembers of its channels: for the driver alone. */
  readonly driver: Json
}

export interface OperatorRecord {
  /** The identity by which a restored program finds it (`PhysicalNode.id`). */
  readonly id: string
  /** The user gave it the name it is found by. */
  readonly named: boolean
  readonly kind: 'source' | 'operator' | 'sink'
  readonly label: string
  /** Where the user wrote it: `file:line:column`. */
  readonly site?: string
  /** The columns of the key that its states are kept by. */
  readonly key?: StateRecord['fields']
  readonly states: readonly StateRecord[]
  readonly subtasks: readonly SubtaskRecord[]
  /** Of a source: the splits that are not read to their end, each with the site that had it. */
  readonly splits?: readonly (Split & { readonly number: number; readonly site: number })[]
  /** Of a sink: what its commit is to be given. It may have been: committing again changes nothing. */
  readonly handles?: readonly Json[]
}

export interface Manifest {
  readonly format: 'millrace checkpoint'
  readonly version: number
  /** Counts up over the whole life of a folder; never reused. */
  readonly id: number
  readonly kind: CheckpointKind
  /** Of the run that wrote it; each run in a folder has a greater one than those before. */
  readonly fence: number
  /** Milliseconds since 1970, when it was triggered. */
  readonly atMs: number
  /** How long it took from then until its manifest was written. */
  readonly tookMs: number
  /** The epoch that ends with it. */
  readonly epoch: number
  readonly jobId: string
  /** The checkpoint of another folder that the job began from: its jobId and the name of its folder. */
  readonly origin?: string
  /** Of the plan. */
  readonly fingerprint: string
  readonly workers: number
  readonly keyGroups: number
  /** All input has ended, or the job was stopped for good: there is nothing left to do but to commit the handles. */
  readonly finished: boolean
  readonly operators: readonly OperatorRecord[]
  /** By site: the files of its part, the base first. They may lie in the folders of earlier checkpoints. */
  readonly parts: readonly (readonly StoredFile[])[]
}
