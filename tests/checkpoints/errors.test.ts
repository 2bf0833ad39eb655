/** What the command line says of checkpoint folders that are damaged, foreign, full, read-only or another job's; nothing is lost. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Workshop } from '../cli/workshop.ts'
import { paymentsJob } from './payments-job.ts'
import { hiddenIn, resultsIn } from './results.ts'

const workshop = new Workshop()
const at = (...names: string[]): string => join(workshop.folder, ...names)
const millrace = (...args: string[]) => workshop.run(...args)

/** The files in a checkpoint folder but for the journal, which every run enters itself in. */
function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => !name.startsWith('journal'))
  const files = names.filter(name => statSync(join(folder, name)).isFile()).sort()
  return Object.fromEntries(files.map(name => [name, readFileSync(join(folder, name), 'latin1')]))
}

const newestIn = (folder: string): string =>
  readdirSync(folder)
    .filter(name => name.startsWith('chk-'))
    .sort()
    .at(-1)!

/** Two lines: JSON, and its checksum. */
function sealed(value: unknown): string {
  const line = `${JSON.stringify(value)}\n`
  return `${line}crc32 ${crc32(line).toString(16).padStart(8, '0')}\n`
}

beforeAll(async () => {
  workshop.write({ 'job.ts': paymentsJob })
  workshop.install()
  expect(await millrace('run', 'job.ts', 'golden', 'Infinity', '1', 'plain')).toMatchObject({ code: 0, stderr: '' })
  const run = workshop.start('run', 'job.ts', 'out', '5000')
  await run.printed('"checkpoint"')
  await new Promise(resolve => setTimeout(resolve, 500))
  run.signal('SIGTERM')
  expect(await run.outcome).toMatchObject({ code: 143, stderr: '' })
  for (const name of ['state', 'out']) cpSync(at(name), at('before', name), { recursive: true })
})
afterAll(() => workshop.remove())
beforeEach(() => {
  for (const name of ['state', 'out']) {
    rmSync(at(name), { recursive: true, force: true })
    cpSync(at('before', name), at(name), { recursive: true })
  }
})

/** The file of a later checkpoint that a run has refused to write beside. */
function laterPart(stderr: string): [folder: string, name: string] | undefined {
  const found = /^invalid folder: (\S+) \(it holds (\S+) of a later checkpoint\)\n {2}Their rows would come again/.exec(
    stderr,
  )
  return found === null ? undefined : [found[1]!, found[2]!]
}

async function goesOn(...args: string[]): Promise<void> {
  expect(await millrace('run', 'job.ts', ...args)).toMatchObject({ code: 0, stderr: '' })
  expect(resultsIn(at('out'))).toEqual(resultsIn(at('golden')))
  expect(hiddenIn(at('out'))).toEqual([])
}

describe('checkpoint folders', { timeout: 120_000 }, () => {
  it.each([
    ['changed', (file: string) => writeFileSync(file, readFileSync(file).fill(7, 100, 101)), 'checksum '],
    ['truncated', (file: string) => truncateSync(file, statSync(file).size - 9), ' bytes instead of '],
    ['missing', (file: string) => rmSync(file), ''],
  ])('with a file that is %s: refused, and left as they are', async (how, harm, problem) => {
    const newest = newestIn(at('state'))
    harm(at('state', newest, 'part-0'))
    const before = filesIn(at('state'))
    const refused = await millrace('run', 'job.ts', 'out')
    const what = `${how === 'missing' ? 'missing' : 'invalid'} checkpoint file: ${newest}/part-0`
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(what)
    expect(refused.stderr).toContain(problem)
    expect(refused.stderr).toContain('--allow-older-checkpoint takes it all the same')
    expect(filesIn(at('state'))).toEqual(before)
    expect(resultsIn(at('out'))).toEqual(resultsIn(at('before/out')))
    const listed = await millrace('checkpoints', 'state')
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining(`damaged: ${what}`) })
    let older = await millrace('run', '--allow-older-checkpoint', 'job.ts', 'out')
    // What a slow machine has put in place by the newest one would come again: it is removed, as the hint says.
    for (let later = laterPart(older.stderr); later !== undefined; later = laterPart(older.stderr)) {
      rmSync(at(...later))
      older = await millrace('run', '--allow-older-checkpoint', 'job.ts', 'out')
    }
    expect(older).toMatchObject({ code: 0, stdout: expect.stringContaining('"restored"'), stderr: '' })
  })

  it('that are none, or cannot be', async () => {
    const file = await millrace('run', '--checkpoints', 'job.ts', 'job.ts', 'out')
    expect(file).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/job\.ts.* \(.*no folder\)\n {2}Give the path of a folder/),
    })
    expect(await millrace('checkpoints', 'golden')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^missing checkpoints: golden is no checkpoint folder\n/),
    })
    const from = await millrace('run', '--checkpoints', 'new', '--from', 'golden', 'job.ts', 'out')
    expect(from).toMatchObject({ code: 1, stderr: expect.stringMatching(/^missing checkpoint: .*golden holds none\n/) })
    expect(readdirSync(workshop.folder)).not.toContain('new')
  })

  it('of others: of another program, of a newer version, with more key groups', async () => {
    const manifest = JSON.parse(readFileSync(at('state', newestIn(at('state')), 'manifest'), 'utf8').split('\n')[0])
    const tell = async (value: unknown): Promise<string> => {
      mkdirSync(at('foreign'), { recursive: true })
      writeFileSync(at('foreign/manifest'), typeof value === 'string' ? value : sealed(value))
      const { code, stderr } = await millrace('run', '--checkpoints', 'new', '--from', 'foreign', 'job.ts', 'out')
      expect(code).toBe(1)
      expect(readdirSync(workshop.folder)).not.toContain('new')
      return stderr
    }
    expect(await tell({ name: 'an app' })).toMatch(
      /^invalid checkpoint: .*foreign\/manifest is no manifest of Millrace\n/,
    )
    expect(await tell({ ...manifest, version: 2 })).toMatch(
      /^invalid checkpoint format: 2 \(known: 1\)\n.*another version/,
    )
    expect(await tell({ ...manifest, keyGroups: 256 })).toMatch(/^invalid key groups of .*foreign\/manifest: 256/)
    expect(await tell('#!/bin/sh\n')).toMatch(
      /^invalid checkpoint file: .*foreign\/manifest \(its checksum is wrong\)\n/,
    )
  })

  it('that two jobs want: the second has it, the first is told, and every row comes once', async () => {
    const first = workshop.start('run', 'job.ts', 'out', '3000')
    await first.printed('"restored"')
    const second = workshop.start('run', 'job.ts', 'out', '8000')
    const { code, stderr } = await first.outcome
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /invalid checkpoint folder: .*state \(another run has taken it over: run \d+\)\n {2}Give each job/,
    )
    expect(await second.outcome).toMatchObject({ code: 0 })
    expect(resultsIn(at('out'))).toEqual(resultsIn(at('golden')))
  })

  it('that a job runs on: another program is refused, and the job is not disturbed', async () => {
    const first = workshop.start('run', 'job.ts', 'out', '8000')
    await first.printed('"restored"')
    workshop.write({ 'other.ts': paymentsJob.replace(".named('buckets')", ".named('others')") })
    const other = await millrace('run', 'other.ts', 'out')
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^missing operators of the checkpoint:\n {2}buckets: /),
    })
    expect(await first.outcome).toMatchObject({ code: 0, stderr: '' })
    expect(resultsIn(at('out'))).toEqual(resultsIn(at('golden')))
  })

  it('on a disk that is read-only, or full and then not: named, and nothing is lost', async context => {
    const mount = (...args: string[]) => spawnSync('mount', args).status === 0
    mkdirSync(at('disk'), { recursive: true })
    context.skip(!mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('disk')), 'no file system may be mounted here')
    try {
      for (const name of ['state', 'out']) rmSync(at(name), { recursive: true })
      const full = await millrace('run', '--checkpoints', 'disk', 'job.ts', 'out', '5000')
      expect(full.code).toBe(1)
      expect(full.stderr).toMatch(
        /warning: checkpoint \d+ failed: invalid checkpoint file: .*disk\/.* \(no space left on the disk\)/,
      )
      expect(full.stderr).toMatch(/invalid checkpoint file: .*disk\/.* \(no space left on the disk\)\n {2}[^\n]*/)
      expect(mount('-o', 'remount,ro', at('disk'))).toBe(true)
      const readOnly = await millrace('run', '--checkpoints', 'disk', 'job.ts', 'out')
      expect(readOnly).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /disk\/journal\/.* \(the file system is read-only\)\n {2}Give a checkpoint folder/,
        ),
      })
      expect(mount('-o', 'remount,rw,size=64m', at('disk'))).toBe(true)
      await goesOn('--checkpoints', 'disk', '--', 'out')
    } finally {
      spawnSync('umount', [at('disk')])
    }
  })

  it('of a run that was killed before its first checkpoint: what its writers left is gone', async () => {
    for (const name of ['state', 'out']) rmSync(at(name), { recursive: true })
    const run = workshop.start(
      'run',
      'job.ts',
      '--checkpoints',
      'state',
      '--checkpoint-every',
      '1h',
      '--',
      'out',
      '20000',
    )
    for (let waited = 0; hiddenIn(workshop.folder).length === 0 && waited < 10_000; waited += 20)
      await new Promise(resolve => setTimeout(resolve, 20))
    run.signal('SIGKILL')
    await run.outcome
    expect(hiddenIn(at('out')).length).toBeGreaterThan(0)
    await goesOn('out')
  })
})
