/** Jobs with their state on disk, that are killed and go on: from there or from memory, with as many workers or others. */
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

type Life = readonly [workers: number, store: 'memory' | 'disk']

it('without checkpoints it gives what it does in memory', { timeout: 60_000 }, async () => {
  const { code, stderr } = await workshop.run('run', 'job.ts', 'plain', 'Infinity', '1', 'plain', 'disk')
  expect([code, stderr]).toEqual([0, ''])
  expect(resultsIn(at('plain'))).toEqual(resultsIn(at('golden')))
})

it.each<[string, readonly Life[]]>([
  [
    'from disk to disk',
    [
      [1, 'disk'],
      [1, 'disk'],
      [1, 'disk'],
    ],
  ],
  [
    'to memory and back',
    [
      [1, 'disk'],
      [1, 'memory'],
      [1, 'disk'],
      [1, 'memory'],
    ],
  ],
  [
    'with other workers',
    [
      [1, 'disk'],
      [3, 'disk'],
      [2, 'memory'],
      [2, 'disk'],
      [1, 'disk'],
    ],
  ],
])('%s', { timeout: 120_000 }, async (name, lives) => {
  const out = `out-${name.replaceAll(' ', '-')}`
  await runLives(
    workshop,
    out,
    6000,
    lives.map(([workers, store]) => [`${workers}`, store]),
  )
  expect(resultsIn(at(out))).toEqual(resultsIn(at('golden')))
  expect(hiddenIn(at(out))).toEqual([])
  rmSync(at('state'), { recursive: true })
})
