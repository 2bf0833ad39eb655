/** What all file formats have in common: they are sources of what lies at a path, and sinks that write there. */

import { resolve } from 'node:path'
import type { Schema } from '@millrace/algebra'
import type { CollectionKind, Expression } from '@millrace/plan'
import type {
  OnError,
  ReaderContext,
  Sink,
  SinkWriter,
  Source,
  Split,
  SplitReader,
  WriterContext,
} from '@millrace/runtime'
import { filesAt, isFolder } from './location.ts'
import { discardStaged } from './sink/discard.ts'
import { filesOf } from './sink/files-state.ts'
import { publish, type StagedHandle } from './sink/publish.ts'

/**
 * Files of one format at one path, to be read or to be written.
 *
 * As a source: a file, or a folder, each of whose files with the right ending is a split, in the order of their names.
 * As a sink: exactly the file, or if the path is a folder or ends in `/`, files `part-0`, `part-1`, ... in it. They appear
 * whole, when the job commits, or not at all. A job with several workers reads a split in each, and writes a part in each;
 * a single file is written by one of them. Parts of an earlier run are replaced where they have the same names; where others
 * lie in the folder, the job is refused.
 *
 * A job with checkpoints makes a part of a folder visible at a time (`rolling`), a single file when it ends; each row is
 * there once, wherever the job was killed and goes on.
 */
export interface FileFormat<out Read, in Written, in Kinds extends CollectionKind>
  extends Source<Read, true>,
    Sink<Written, Kinds> {
  /** A folder is read and written in every worker, a single file in one. */
  readonly place?: 'workers'
  open(split: Split, context: ReaderContext): SplitReader
  open(context: WriterContext): SinkWriter | Promise<SinkWriter>
}

/** The kinds of collection that a file can represent: with `changelog`, also rows that come and go. */
export type Written<O> = O extends { readonly changelog: true } ? CollectionKind : 'bounded' | 'appending'

export interface FormatSpec {
  readonly name: string
  readonly path: string
  readonly endings: readonly string[]
  /** Called when the schema is first asked for: it may have to look into a file. */
  readonly schema: () => Schema
  readonly prunes: boolean
  /** The conditions that `read` applies; default none. */
  readonly accepts?: (conjunct: Expression) => boolean
  readonly onError: OnError | undefined
  readonly changelog: boolean
  readonly read: (file: string, split: Split, context: ReaderContext) => SplitReader
  readonly write: (context: WriterContext) => SinkWriter | Promise<SinkWriter>
}

/** Typed as a source of `never` and a sink of everything, so that the formats' own signatures can say what it is. */
export function fileFormat(spec: FormatSpec): FileFormat<never, unknown, CollectionKind> {
  let schema: Schema | undefined
  function open(split: Split, context: ReaderContext): SplitReader
  function open(context: WriterContext): SinkWriter | Promise<SinkWriter>
  function open(first: Split | WriterContext, context?: ReaderContext) {
    if (context === undefined) return spec.write(first as WriterContext)
    const split = first as Split
    return spec.read(split.id, split, context)
  }
  return {
    label: `${spec.name} ${spec.path}`,
    bounded: true,
    prunes: spec.prunes,
    accepts: conjunct => spec.accepts?.(conjunct) ?? false,
    onError: spec.onError ?? 'fail',
    takes: spec.changelog ? ['bounded', 'appending', 'updating'] : ['bounded', 'appending'],
    exclusive: resolve(spec.path),
    ...(isFolder(spec.path) ? { place: 'workers' } : {}),
    get schema() {
      return (schema ??= spec.schema())
    },
    commit: async (handles, first) => {
      for (const handle of handles as readonly StagedHandle[]) await publish(handle, !first && isFolder(spec.path))
    },
    discard: ({ jobId }) => discardStaged(spec.path, spec.endings, jobId),
    recover: recovery => discardStaged(spec.path, spec.endings, recovery.jobId, filesOf(recovery)),
    splits: async () => filesAt(spec.path, spec.endings).map(file => ({ id: file })),
    open,
  }
}
