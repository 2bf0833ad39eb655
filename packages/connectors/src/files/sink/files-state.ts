/** What a writer of files says at a checkpoint. */
import type { Json, Recovery, WriterContext, WriterState } from '@millrace/runtime'
import type { StagedHandle } from './publish.ts'

/** A file that is continued. */
export interface PartState {
  readonly [name: string]: Json
  readonly temp: string
  readonly target: string
  /** What is behind was written after the checkpoint. */
  readonly bytes: number
  readonly rows: number
  /** When it was begun, by the Host's clock. */
  readonly openedMs: number
  readonly format: string
  /** Its columns: rows of others cannot follow. */
  readonly shape: string
  /** What the format has to know. */
  readonly body: Json
}

export interface FilesState {
  readonly [name: string]: Json
  readonly subtask: number
  /** Files begun, by this subtask, since the job began. */
  readonly count: number
  readonly open: PartState | null
}

/** The states a writer goes on from, of whichever subtasks; undefined: it begins anew. */
export function restoredStates({ restored, restoredAll }: WriterContext): readonly FilesState[] | undefined {
  const states = restored === undefined ? restoredAll : [restored]
  return states?.map(({ meta }: WriterState) => meta as FilesState)
}

/** The hidden files that a checkpoint names: those to go on with, and those to be put in place. */
export function filesOf({ handles, states }: Recovery): readonly string[] {
  const open = states.flatMap(({ meta }) => (meta as FilesState).open?.temp ?? [])
  return [...open, ...(handles as readonly StagedHandle[]).map(({ temp }) => temp)]
}
