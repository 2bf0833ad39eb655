/** Every program of the core suite has one result, by the engine at any number of workers and by hand. Uses the built engine. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { corePrograms } from '../../bench/core/programs.ts'
import { bin } from '../cli/workshop.ts'

const program = fileURLToPath(new URL('../../bench/workers/core-program.ts', import.meta.url))
/** Enough for rows from every worker to every other, in several batches, and for several windows. */
const EVENTS = 50_000

/** One job of all of them: most of the time goes into starting workers. */
test('results do not depend on the number of workers', async () => {
  const names = Object.keys(corePrograms)
  const byHand = Object.fromEntries(names.map(name => [name, corePrograms[name]!(EVENTS).loop()]))
  const args = [bin, 'run', program, names.join(','), `${EVENTS}`, '1', '2', '3']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const found: string[][] = JSON.parse(stdout)
  const byName = found.map(checksums => Object.fromEntries(names.map((name, i) => [name, checksums[i]])))
  expect(byName).toEqual([byHand, byHand, byHand])
})
