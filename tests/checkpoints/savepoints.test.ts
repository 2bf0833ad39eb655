/** Savepoints through the command line: taken of a running job, copied, begun from with other workers and in other folders. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Workshop } from '../cli/workshop.ts'
import { paymentsJob } from './payments-job.ts'
import { hiddenIn, resultsIn } from './results.ts'

const workshop = new Workshop()
const at = (...names: string[]): string => join(workshop.folder, ...names)

beforeAll(async () => {
  workshop.write({ 'job.ts': paymentsJob })
  workshop.install()
  expect(await workshop.run('run', 'job.ts', 'golden', 'Infinity', '1', 'plain')).toMatchObject({ code: 0, stderr: '' })
})
afterAll(() => workshop.remove())

describe('savepoints', { timeout: 120_000 }, () => {
  it('are taken of a running job, which goes on; --stop ends it behind one; another begins from a copy', async () => {
    const run = workshop.start('run', 'job.ts', 'out', '4000', '2')
    await run.printed('"checkpoint"')
    const first = await workshop.run('savepoint', 'state')
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/\/state\/save-\d+\.1\n$/) })
    expect(first.stderr).toMatch(/^warning: job.ts:\d+:\d+: aggregate#1 \(aggregate\) has state and no name/m)
    expect(first.stderr).not.toMatch(/windows|buckets/)
    const taken = await workshop.run('savepoint', 'state', '--stop', '--to', 'copies/saved')
    expect(taken).toMatchObject({ code: 0, stdout: `${at('copies/saved')}\n` })
    const stopped = await run.outcome
    expect(stopped.code).toBe(0)
    expect(stopped.stderr).toMatch(/^the job was stopped behind its savepoint save-\d+\.1\n/)
    expect(stopped.stdout).not.toContain('done')
    expect(readdirSync(at('copies/saved')).sort()).toEqual(['manifest', 'part-0', 'part-1'])
    expect(readdirSync(at('state'))).not.toContain('requests')

    // What is in the folder of the job is not needed any more, nor is the name of the copy.
    rmSync(at('state'), { recursive: true })
    mkdirSync(at('elsewhere'))
    renameSync(at('copies/saved'), at('elsewhere/any name'))
    const again = ['--checkpoints', 'new', '--from', 'elsewhere/any name', '--parallelism', '3']
    const half = workshop.start('run', 'job.ts', ...again, '--', 'out', '5000')
    await half.printed('"checkpoint"')
    half.signal('SIGKILL')
    await half.outcome
    rmSync(at('elsewhere'), { recursive: true })
    expect(await workshop.run('run', 'job.ts', ...again, '--', 'out')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^missing checkpoint: .*elsewhere.any name holds none\n/),
    })
    const whole = await workshop.run('run', '--checkpoints', 'new', 'job.ts', 'out')
    expect(whole).toMatchObject({ code: 0, stderr: '' })
    expect(whole.stdout).toContain('"restored"')
    expect(resultsIn(at('out'))).toEqual(resultsIn(at('golden')))
    expect(hiddenIn(at('out'))).toEqual([])
  })

  it('go on in the folder that was begun from one, and are refused where there is something else', async () => {
    for (const name of ['out', 'state', 'new']) rmSync(at(name), { recursive: true, force: true })
    const run = workshop.start('run', 'job.ts', 'out', '6000')
    await run.printed('"checkpoint"')
    const { stdout } = await workshop.run('savepoint', 'state', '--stop')
    const path = stdout.trim()
    await run.outcome
    const from = ['--checkpoints', 'new', '--from', path]
    const half = workshop.start('run', ...from, 'job.ts', 'out', '6000', '2')
    await half.printed('"checkpoint"')
    half.signal('SIGKILL')
    await half.outcome
    // Started again by the same command, it goes on from its own newest.
    const again = await workshop.run('run', ...from, 'job.ts', 'out')
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(resultsIn(at('out'))).toEqual(resultsIn(at('golden')))
    cpSync(path, at('saved'), { recursive: true })
    const other = await workshop.run('run', '--checkpoints', 'state', '--from', 'saved', 'job.ts', 'out')
    expect(other.code).toBe(1)
    expect(other.stderr).toMatch(
      /invalid checkpoint folder: .*state has checkpoints of its own\n {2}Give an empty folder/,
    )
    expect(existsSync(path)).toBe(true)
  })

  it('need a job that runs, a place where nothing is, and a folder', async () => {
    for (const name of ['out', 'state', 'new']) rmSync(at(name), { recursive: true, force: true })
    const none = await workshop.run('savepoint', 'state')
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^missing checkpoints: .*state is no checkpoint folder\n/),
    })
    expect(existsSync(at('state'))).toBe(false)
    expect(await workshop.run('run', 'job.ts', 'out')).toMatchObject({ code: 0 })
    const taken = await workshop.run('savepoint', 'state', '--to', 'out')
    expect(taken.stderr).toMatch(/^invalid path of a savepoint: .*out \(it is there already\)\n/)
    const over = await workshop.run('savepoint', 'state')
    expect(over).toMatchObject({ code: 1, stderr: expect.stringMatching(/^missing job: none runs on .*state\n/) })
    expect(readdirSync(at('state'))).not.toContain('requests')
  })
})
