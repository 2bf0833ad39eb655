/**
 * How long it takes a program of the packed package from calling run() until each of its workers has written its first
 * row. The packages are loaded by then, but for what workers need.
 */
import { execFileSync } from 'node:child_process'
import type { Measured } from '../harness/figure.ts'
import { Installation } from '../harness/installation.ts'

/** `start.mjs PARALLELISM`: each worker's writer tells when it was first given a row. */
const program = `
import { environment, generate } from 'millrace'

const millis = () => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}
const parallelism = Number(process.argv[2])
const firsts = []
const sink = {
  label: 'first row',
  takes: ['appending'],
  place: 'workers',
  open() {
    let first
    return {
      ready: true,
      write() {
        first ??= millis()
      },
      prepareCommit: async () => [first],
      abort: async () => {},
      close: async () => {},
    }
  },
  commit: async handles => void firsts.push(...handles),
}
const numbers = environment({ parallelism }).stream(generate({ rows: 1000, splits: parallelism }, i => i))
const began = millis()
await numbers.to(sink).run()
if (firsts.length !== parallelism) throw new Error('missing workers: ' + firsts.length + ' of ' + parallelism)
console.log(Math.max(...firsts) - began)
`

export function start(root: string): Measured[] {
  const folder = new Installation(root, { 'start.mjs': program })
  const measure = async (parallelism: number): Promise<number> =>
    Number(execFileSync(process.execPath, ['start.mjs', `${parallelism}`], { cwd: folder.path }))
  return [
    {
      figure: 'workers.startMs',
      unit: 'ms',
      goal: { value: 400, atMost: true },
      measure: () => measure(2),
    },
    {
      figure: 'workers.startOneMs',
      unit: 'ms',
      measure: () => measure(1),
      close: async () => folder.remove(),
    },
  ]
}
