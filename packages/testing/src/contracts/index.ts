export { ChildProgram } from './child-program.ts'
export { ManualHost } from './manual-host.ts'
export { contentOf, namesIn, ScratchFolder } from './scratch-folder.ts'
export {
  batchOf,
  type OpenWriter,
  openWriter,
  type SinkCase,
  type SinkTarget,
  sinkContract,
  type WriteOptions,
  writeBatch,
  writeRows,
  writeToSink,
} from './sink.ts'
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
