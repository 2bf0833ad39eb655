/**
 * The packed package, installed in an empty folder as a user would: how long it takes to import, what it brings with it,
 * and how long it is from the start of a process to the first output of a job.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Measured } from '../harness/figure.ts'
import { Installation } from '../harness/installation.ts'

const importing = `
const began = performance.now()
await import('millrace')
console.log(performance.now() - began)
`
const job = `
import { environment, fromRows } from 'millrace'

const doubled = environment().dataset(fromRows([1, 2, 3])).map(n => n * 2)
console.log(await doubled.collect())
`

export function installed(root: string): Measured[] {
  const folder = new Installation(root, { 'import.mjs': importing, 'job.mjs': job, 'job.ts': job })
  return [
    {
      figure: 'core.importMs',
      unit: 'ms',
      goal: { value: 60, atMost: true },
      measure: async () => Number(execFileSync(process.execPath, ['import.mjs'], { cwd: folder.path })),
    },
    {
      figure: 'core.firstOutputMs',
      unit: 'ms',
      goal: { value: 300, atMost: true },
      measure: () => firstOutput(folder.path, ['node_modules/millrace/bin/millrace.js', 'run', 'job.ts']),
    },
    {
      figure: 'core.firstOutputNodeMs',
      unit: 'ms',
      measure: () => firstOutput(folder.path, ['job.mjs']),
    },
    {
      figure: 'core.packages',
      unit: 'packages',
      goal: { value: 30, atMost: true },
      measure: async () => folder.packages,
      close: async () => folder.remove(),
    },
  ]
}

/** Milliseconds from here to the first byte on standard output. */
async function firstOutput(cwd: string, args: readonly string[]): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), once(child.stdout, 'end')])
  const took = performance.now() - began
  child.stdout.resume()
  const [code] = await ended
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  return took
}
