/** Every way in which files are written, against the contract of sinks: what lies at the path is read back at every step. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { double, int32, schemaOf, text } from '@millrace/runtime'
import { namesIn, readSource, ScratchFolder, type SinkCase, sinkContract } from '@millrace/testing/contracts'
import { canCompress } from '../compression.ts'
import { csv } from '../csv/csv.ts'
import { jsonLines } from '../json-lines/json-lines.ts'
import type { RollingOptions } from '../options.ts'
import { parquet } from '../parquet/parquet.ts'

const scratch = new ScratchFolder()
const columns = { id: int32, name: text.nullable(), ratio: double }
const schema = schemaOf(columns)
const ratios = [-0, 1.5, Number.NEGATIVE_INFINITY, 0]
const rows = Array.from({ length: 17 }, (_, i) => ({
  id: i,
  name: i % 3 === 0 ? null : `näme ${i}`,
  ratio: ratios[i % 4],
}))

const formats = {
  csv: (path: string, rolling?: RollingOptions) => csv(path, columns, rolling && { rolling }),
  jsonl: (path: string, rolling?: RollingOptions) => jsonLines(path, columns, rolling && { rolling }),
  parquet: (path: string, rolling?: RollingOptions) =>
    parquet(path, columns, { rowGroupRows: 3, ...(rolling && { rolling }) }),
}
type Ending = keyof typeof formats

const single = (format: Ending, ending: string): SinkCase => ({
  schema,
  rows,
  keepsBack: 'a single file appears whole, at the end',
  target() {
    const path = scratch.fresh(`out.${ending}`)
    const make = () => formats[format](path)
    return {
      sink: make(),
      another: make,
      rows: async () => (existsSync(path) ? (await readSource(make())).rows : []),
      leftovers: async () => namesIn(dirname(path)).filter(name => name !== `out.${ending}`),
    }
  },
})

const folder = (format: Ending, rolling?: RollingOptions): SinkCase => ({
  schema,
  rows,
  ...(rolling === undefined ? {} : { keepsBack: 'a part is seen when it is large enough' }),
  target() {
    const path = `${scratch.fresh('out')}/`
    const make = () => formats[format](path, rolling)
    const isPart = (name: string) => /^part-\d+(-\d+)?\.[a-z]+$/.test(name)
    return {
      sink: make(),
      another: make,
      rows: async () => (namesIn(path).some(isPart) ? (await readSource(make())).rows : []),
      leftovers: async () => namesIn(path).filter(name => !isPart(name)),
    }
  },
})

for (const format of ['csv', 'jsonl', 'parquet'] as const) {
  sinkContract(`one ${format} file`, single(format, format))
  sinkContract(`${format} parts`, folder(format))
  sinkContract(`${format} parts that go on`, folder(format, {}))
}
for (const format of ['csv', 'jsonl'] as const) {
  sinkContract(`one gzipped ${format} file`, single(format, `${format}.gz`))
  if (canCompress('zstd')) sinkContract(`one ${format} file in zstd`, single(format, `${format}.zst`))
}
