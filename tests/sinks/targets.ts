/** What the killed programs write, and where. Read by the programs and by the test that looks at what they left. */
import { csv, jsonLines, parquet } from '@millrace/connectors'
import { double, int32, schemaOf, text } from '@millrace/runtime'

const columns = { id: int32, name: text.nullable(), value: double, noise: text }
export const schema = schemaOf(columns)

export const ROWS = 300

/** @param noise how much text: what is written again after a kill is not as long as it was */
export const rowAt = (id: number, noise: number) => ({
  id,
  name: id % 5 === 0 ? null : `row ${id}`,
  value: id / 4,
  noise: 'x'.repeat(noise),
})

/** By name: how many writers, and the sink. */
export const targets = {
  'parts of JSON Lines': { writers: 2, path: 'out/', sink: (path: string) => jsonLines(path, columns) },
  'parts of JSON Lines that go on': {
    writers: 2,
    path: 'out/',
    sink: (path: string) => jsonLines(path, columns, { rolling: { bytes: 400_000 } }),
  },
  'one gzipped CSV file': { writers: 1, path: 'out.csv.gz', sink: (path: string) => csv(path, columns) },
  'parts of Parquet': { writers: 2, path: 'out/', sink: (path: string) => parquet(path, columns) },
  'one Parquet file': {
    writers: 1,
    path: 'out.parquet',
    sink: (path: string) => parquet(path, columns, { rowGroupRows: 30 }),
  },
}

export type TargetName = keyof typeof targets
