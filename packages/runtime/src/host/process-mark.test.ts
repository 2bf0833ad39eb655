import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { isGone, processMark } from './process-mark.ts'

/** A process that has ended. */
const ended = spawnSync(process.execPath, ['-e', '']).pid

test('a process that runs is not gone, and one that has ended is', () => {
  expect(isGone(processMark())).toBe(false)
  expect(isGone(processMark().replace(/\d+$/, `${ended}`))).toBe(true)
})

test('of another machine, or without a mark, nothing is known', () => {
  expect(isGone(`00000000-${ended}`)).toBe(false)
  expect(isGone(`${ended}`)).toBe(false)
})
