export type { Doorbell, Host } from './host/host.ts'
export { currentMode, type Mode, setMode } from './mode.ts'
export type { Sink, SinkWriter, WriterContext } from './sink.ts'
export type { Json, OnError, ReaderContext, Rejected, Source, Split, SplitReader } from './source.ts'
