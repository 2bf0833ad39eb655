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

/** What parts of a subtask there can be. */
export interface Numbers {
  readonly [name: string]: Json
  /** Files begun since the job began. */
  readonly count: number
  /** When the part of an earlier run was last written that lay there when the job began, and gives way to the first. */
  readonly replaces: number | null
}

export interface FilesState extends Numbers {
  readonly subtask: number
  readonly open: PartState | null
  /** Those of subtasks that there were and are no more. */
  readonly former: readonly (readonly [subtask: number, numbers: Numbers])[]
}

/** The states a writer goes on from, of whichever subtasks; undefined: it begins anew. */
export function restoredStates({ restored, restoredAll }: WriterContext): readonly FilesState[] | undefined {
  const states = restored === undefined ? restoredAll : [restored]
  return states?.map(({ meta }: WriterState) => meta as FilesState)
}

/** By subtask, as far as the states tell. */
export function restoredNumbers(context: WriterContext): Map<number, Numbers> {
  const metas = context.restoredMetas ?? restoredStates(context) ?? []
  const numbers = new Map<number, Numbers>()
  // checkpoints of earlier versions do not say everything
  for (const { subtask, count, replaces = null, former = [] } of metas as readonly FilesState[])
    for (const [of, those] of [...former, [subtask, { count, replaces }] as const])
      if (those.count >= (numbers.get(of)?.count ?? 0)) numbers.set(of, those)
  return numbers
}

/** The hidden files that a checkpoint names: those to go on with, and those to be put in place. */
export function filesOf({ handles, states }: Recovery): readonly string[] {
  const open = states.flatMap(({ meta }) => (meta as FilesState).open?.temp ?? [])
  return [...open, ...(handles as readonly StagedHandle[]).map(({ temp }) => temp)]
}
