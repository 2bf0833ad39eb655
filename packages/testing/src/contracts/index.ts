export { ChildProgram } from './child-program.ts'
export { ManualHost } from './manual-host.ts'
export { contentOf, namesIn, ScratchFolder } from './scratch-folder.ts'
export { sinkContract } from './sink.ts'
export type { SinkCase, SinkTarget } from './sink-case.ts'
export { recoverSink, type SinkCheckpoint, SinkRun, type SinkRunOptions } from './sink-run.ts'
export {
  batchOf,
  type OpenWriter,
  openWriter,
  type WriteOptions,
  writeBatch,
  writeRows,
  writeToSink,
} from './sink-writer.ts'
export {
  type ReadOptions,
  readSource,
  readSplit,
  type SourceCase,
  type SplitRead,
  sourceContract,
  splitContext,
} from './source.ts'
export { type StorageCase, type StorageTarget, storageContract } from './storage.ts'
