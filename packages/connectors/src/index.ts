export { fromBatches } from './memory/batches-source.ts'
export { type MemorySink, memorySink, type WeightedRow } from './memory/memory-sink.ts'
export { fromRows, type RowsOptions } from './memory/rows-source.ts'
