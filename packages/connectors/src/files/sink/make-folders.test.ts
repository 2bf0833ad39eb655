import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolders } from './make-folders.ts'

const root = mkdtempSync(join(tmpdir(), 'folders-'))
afterAll(() => rmSync(root, { recursive: true }))

test('makes what is missing, and says where it began', () => {
  expect(makeFolders(join(root, 'a/b/c'))).toBe(join(root, 'a'))
  expect(existsSync(join(root, 'a/b/c'))).toBe(true)
  expect(makeFolders(join(root, 'a/b/d/'))).toBe(join(root, 'a/b/d'))
  expect(makeFolders(join(root, 'a/b'))).toBeUndefined()
})

test('fails where a folder cannot be', () => {
  writeFileSync(join(root, 'file'), '')
  expect(() => makeFolders(join(root, 'file/below'))).toThrow('ENOTDIR')
})

test.runIf(existsSync('/proc/self'))('fails, and does not hang, where nothing can be made', () => {
  expect(() => makeFolders('/proc/nothing/here')).toThrow('ENOENT')
})
