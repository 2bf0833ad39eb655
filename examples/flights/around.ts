/** What is around the job: where the data lies, and how a result is printed. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const datasets = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data')

/** A file of the npm package `vega-datasets`. */
export function data(file: string): string {
  return join(datasets, file)
}

export function showTable(title: string, rows: readonly object[]): void {
  console.log(`\n${title}`)
  console.table(rows)
}
