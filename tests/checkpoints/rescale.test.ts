/** Jobs that are killed and go on with another number of workers: what comes out is what one run without checkpoints gives. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workshop } from '../cli/workshop.ts'
import { runLives } from './lives.ts'
import { paymentsJob } from './payments-job.ts'
import { hiddenIn, resultsIn } from './results.ts'

const workshop = new Workshop()
const at = (name: string): string => join(workshop.folder, name)

beforeAll(async () => {
  workshop.write({ 'job.ts': paymentsJob })
  workshop.install()
  const golden = await workshop.run('run', 'job.ts', 'golden', 'Infinity', '1', 'plain')
  expect(golden.stderr).toBe('')
})
afterAll(() => workshop.remove())

it.each([[[1, 2, 3, 1]], [[3, 1, 2, 3]]])('workers %j', { timeout: 120_000 }, async layouts => {
  const out = `out-${layouts.join('')}`
  const state = join(workshop.folder, 'state')
  await runLives(
    workshop,
    out,
    6000,
    layouts.map(workers => [`${workers}`]),
  )
  const golden = resultsIn(at('golden'))
  expect(Object.values(golden).map(lines => lines.length > 10 || lines.length)).toEqual([true, true, true, true])
  expect(resultsIn(at(out))).toEqual(golden)
  expect(hiddenIn(at(out))).toEqual([])
  // Once it has finished it does nothing any more, however many workers it is given.
  for (const workers of [1, 2, 3])
    expect(await workshop.run('run', 'job.ts', out, 'Infinity', `${workers}`)).toMatchObject({ code: 0, stderr: '' })
  expect(resultsIn(at(out))).toEqual(golden)
  rmSync(state, { recursive: true })
})
