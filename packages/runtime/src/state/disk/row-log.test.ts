/** Rows in a file against a map of what was written; what becomes of gaps, of long rows, of damage and of a full disk. */
import { readdirSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ScratchFolder } from '@millrace/testing/contracts/scratch-folder'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { AnonymousFile } from './anonymous-file.ts'
import { RowLog, type RowOwner } from './row-log.ts'
import type { FoundRow } from './row-record.ts'

const scratch = new ScratchFolder()

/** Knows where each row is, and what is in it. */
class Owner implements RowOwner {
  readonly rows = new Map<number, { address: number; bytes: Uint8Array }>()

  moved(id: number, from: number, to: () => number): boolean {
    const row = this.rows.get(id)
    if (row?.address !== from) return false
    row.address = to()
    return true
  }
}

const SEGMENT = 256

function logOf(owner: RowOwner, file = new AnonymousFile(scratch.path)): RowLog {
  return new RowLog({ file, owner, segmentBytes: SEGMENT })
}

function put(log: RowLog, owner: Owner, id: number, bytes: Uint8Array): void {
  const before = owner.rows.get(id)
  owner.rows.delete(id)
  if (before !== undefined) log.release(before.address)
  owner.rows.set(id, { address: log.append(id, bytes, 0, bytes.length), bytes })
}

const bytesOf = ({ bytes, from, to }: FoundRow): Uint8Array => bytes.slice(from, to)

const steps = fc.array(
  fc.record({
    id: fc.nat({ max: 9 }),
    length: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 60 }) }, { weight: 1, arbitrary: fc.nat({ max: 900 }) }),
    act: fc.constantFrom('put', 'put', 'put', 'drop', 'wait'),
  }),
  { maxLength: 200, size: 'max' },
)

test('a row is what was written last of its id, in place and aside, whatever was written since', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async script => {
      const owner = new Owner()
      const log = logOf(owner)
      let filling = 0
      for (const { id, length, act } of script) {
        const held = owner.rows.get(id)
        if (act === 'put') put(log, owner, id, new Uint8Array(length).fill(filling++))
        else if (act === 'wait') await new Promise(resolve => setImmediate(resolve))
        else if (held !== undefined) {
          owner.rows.delete(id)
          log.release(held.address)
        }
        for (const [other, { address, bytes }] of owner.rows) expect(bytesOf(log.read(other, address))).toEqual(bytes)
      }
      for (const [id, { address, bytes }] of owner.rows)
        expect(bytesOf(await log.readLater(id, address))).toEqual(bytes)
      await log.close()
    }),
    { numRuns: 60 },
  )
})

test('a file whose rows are written again and again does not grow', async () => {
  const owner = new Owner()
  const log = logOf(owner)
  onTestFinished(() => log.close())
  for (let n = 0; n < 20_000; n++) {
    put(log, owner, (n * 7919) % 100, new Uint8Array(20).fill(n))
    await log.room()
  }
  // 100 rows of 32 bytes, and as much again for gaps and for what is on its way.
  expect(log.bytes).toBeLessThan(3 * 100 * 32 + 16 * SEGMENT)
  for (const [id, { address, bytes }] of owner.rows) expect(bytesOf(log.read(id, address))).toEqual(bytes)
})

test('long rows take the room of those that are gone', async () => {
  const owner = new Owner()
  const log = logOf(owner)
  onTestFinished(() => log.close())
  for (let n = 0; n < 100; n++) {
    put(log, owner, 1, new Uint8Array(3 * SEGMENT).fill(n))
    while (log.writing > 0) await new Promise(resolve => setImmediate(resolve))
  }
  expect(log.bytes).toBeLessThan(4 * 4 * SEGMENT)
})

async function onDisk(log: RowLog, owner: Owner): Promise<void> {
  for (let id = 0; id < 40; id++) put(log, owner, id, new Uint8Array(20).fill(id))
  while (log.writing > 0) await new Promise(resolve => setImmediate(resolve))
}

test('a row that is not what was written is an error, in place and aside', async () => {
  const file = new AnonymousFile(scratch.path)
  const owner = new Owner()
  const log = logOf(owner, file)
  onTestFinished(() => log.close())
  await onDisk(log, owner)
  const { address } = owner.rows.get(3)!
  writeSync(file.fd, Uint8Array.of(77), 0, 1, (address - 1) * 16 + 14)
  const damage = expect.objectContaining({
    code: 'IO',
    message: expect.stringContaining('a row is not what was written'),
  })
  expect(() => log.read(3, address)).toThrow(damage)
  await expect(log.readLater(3, address)).rejects.toThrow(damage)
  expect(() => log.read(4, owner.rows.get(5)!.address)).toThrow(damage)
  expect(bytesOf(log.read(2, owner.rows.get(2)!.address))).toEqual(new Uint8Array(20).fill(2))
})

test('a disk that is full is an error that says so, for whoever writes next and whoever waits', async () => {
  const file = new AnonymousFile(scratch.path)
  file.write = (_bytes, _place, done) =>
    setImmediate(() => done(Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' })))
  const owner = new Owner()
  const log = logOf(owner, file)
  onTestFinished(() => log.close())
  await onDisk(log, owner)
  const full = expect.objectContaining({
    code: 'IO',
    message: `invalid state on disk: ${scratch.path} (no space left on the disk)`,
    hint: expect.stringContaining('Free some space'),
  })
  expect(() => log.append(1, new Uint8Array(1), 0, 1)).toThrow(full)
  expect(() => log.room()).toThrow(full)
  // What was not written is still in memory.
  for (const [id, { address, bytes }] of owner.rows) expect(bytesOf(log.read(id, address))).toEqual(bytes)
})

test('who writes faster than the disk waits for it', async () => {
  const file = new AnonymousFile(scratch.path)
  const waiting: (() => void)[] = []
  const write = file.write.bind(file)
  file.write = (bytes, place, done) => void waiting.push(() => write(bytes, place, done))
  const owner = new Owner()
  const log = logOf(owner, file)
  for (let id = 0; log.room() === null; id++) put(log, owner, id, new Uint8Array(20))
  expect(waiting.length).toBeGreaterThan(1)
  let room = false
  const until = log.room()!.then(() => {
    room = true
  })
  await new Promise(resolve => setImmediate(resolve))
  expect(room).toBe(false)
  for (const step of waiting) step()
  await until
  await log.close()
})

test('the file has no name, and one that a dead process has left is removed', async () => {
  const folder = scratch.fresh('state')
  const left = join(folder, '.millrace-state-999999999-0-0')
  const other = join(folder, 'other')
  const alive = join(folder, `.millrace-state-${process.pid}-9-9`)
  new AnonymousFile(folder).close()
  for (const path of [left, other, alive]) writeFileSync(path, '')
  const files = [new AnonymousFile(folder), new AnonymousFile(folder)]
  expect(readdirSync(folder).sort()).toEqual([`.millrace-state-${process.pid}-9-9`, 'other'])
  for (const file of files) file.close()
})

test.each([
  ['no folder', () => scratch.file('file', 'text'), 'a part of its path is no folder'],
  ['below a file', () => join(scratch.file('file', 'text'), 'a'), 'a part of its path is no folder'],
  ['where nobody may write', () => '/proc/millrace', 'no folder can be made there'],
])('a folder that is %s is refused', (_, folderOf, why) => {
  const folder = folderOf()
  expect(() => new AnonymousFile(folder)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: `invalid dir of state: ${folder} (${why})` }),
  )
})
