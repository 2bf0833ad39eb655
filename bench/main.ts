/** The command line of the benchmarks: see run.js. */
import { parseArgs } from 'node:util'
import { checkpointsSuite } from './checkpoints/suite.ts'
import { coreSuite } from './core/suite.ts'
import type { Suite } from './harness/figure.ts'
import { line, writeTable } from './harness/report.ts'
import { partOf, runRounds } from './harness/rounds.ts'
import { workersSuite } from './workers/suite.ts'

const suites: Record<string, (options: { quick: boolean; root: string }) => Suite> = {
  core: coreSuite,
  workers: workersSuite,
  checkpoints: checkpointsSuite,
}
const usage = `usage: npm run bench -- SUITE [--only FIGURE] [--quick]
  suites: ${Object.keys(suites).join(', ')}
  --only   a figure, or the beginning of some figures' names; may be given again
  --quick  a tenth of the rows
Figures are lines of JSON on standard output. A whole suite also writes its table in README.md.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false } },
})
const [name = ''] = positionals
const make = suites[name]
if (make === undefined || positionals.length !== 1) {
  console.error(name === '' ? usage : `unknown suite: ${name}\n${usage}`)
  process.exit(2)
}

const root = process.cwd()
const whole = make({ quick: values.quick, root })
const only = values.only
const suite = only === undefined ? whole : partOf(whole, figure => only.some(begin => figure.startsWith(begin)))
if (suite.measured.length === 0) {
  console.error(
    `unknown figure: ${only} (known: ${[...whole.measured, ...whole.ratios].map(f => f.figure).join(', ')})`,
  )
  process.exit(2)
}
const note = process.stderr.isTTY ? (text: string) => process.stderr.write(`\r\x1b[K${text}`) : () => {}
const { results, failed } = await runRounds(suite, 5, note)
note('')
for (const result of results) console.log(line(result))
for (const { figure, reason } of failed) console.error(`${figure}:`, reason)
if (failed.length > 0) process.exit(1)
if (only === undefined && !values.quick) await writeTable(`${root}/README.md`, name, results)
process.exit(0)
