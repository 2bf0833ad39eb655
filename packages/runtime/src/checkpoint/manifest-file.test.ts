import { expect, test } from 'vitest'
import type { Manifest } from './manifest.ts'
import { decodeManifest, encodeManifest } from './manifest-file.ts'
import { sealed } from './sealed-json.ts'
import { checkStoragePath } from './storage-path.ts'

const manifest: Manifest = {
  format: 'millrace checkpoint',
  version: 1,
  id: 3,
  kind: 'checkpoint',
  fence: 1,
  atMs: 1,
  tookMs: 2,
  epoch: 9,
  jobId: 'j',
  fingerprint: 'f',
  workers: 1,
  keyGroups: 128,
  finished: false,
  operators: [],
  parts: [[{ path: 'chk-000003.1/part-0', bytes: 24, checksum: '01234567' }]],
}
const read = (value: unknown, keyGroups?: number) => () =>
  decodeManifest(sealed(value), 'chk-000003.1/manifest', { keyGroups })

test('one of a newer version asks for a newer Millrace', () => {
  expect(read({ ...manifest, version: 2, parts: 'elsewhere' })).toThrow(
    expect.objectContaining({
      code: 'CHECKPOINT_FOREIGN',
      message: 'invalid checkpoint format: 2 (known: 1)',
      hint: expect.stringContaining('newer'),
    }),
  )
})

test('a file of something else is foreign', () => {
  for (const value of [null, 1, [], {}, { format: 'other' }, '{}'])
    expect(read(value)).toThrow(
      expect.objectContaining({
        code: 'CHECKPOINT_FOREIGN',
        message: 'invalid checkpoint: chk-000003.1/manifest is no manifest of Millrace',
      }),
    )
})

test('one with other key groups is foreign', () => {
  expect(read(manifest, 128)).not.toThrow()
  expect(read(manifest)).not.toThrow()
  expect(read(manifest, 64)).toThrow(
    expect.objectContaining({
      code: 'CHECKPOINT_FOREIGN',
      message: 'invalid key groups of chk-000003.1/manifest: 128 (here: 64)',
    }),
  )
})

test.each([
  ['id', -1, 'manifest.id is no number from 0 on'],
  ['kind', 'other', 'manifest.kind is none of checkpoint, savepoint'],
  ['finished', 0, 'manifest.finished is neither true nor false'],
  ['jobId', 1, 'manifest.jobId is no text'],
  ['atMs', 'Infinity', 'manifest.atMs is no number'],
  ['operators', {}, 'manifest.operators is no array'],
  ['operators', [null], 'manifest.operators[0] is no object'],
  ['parts', [[], [], []], '3 parts of 1 workers'],
  ['parts', [[{ path: '../x', bytes: 1, checksum: '01234567' }]], 'manifest.parts[0][0].path is not a path'],
  ['parts', [[{ path: 'x', bytes: 1, checksum: '0123456' }]], 'manifest.parts[0][0].checksum is not a checksum'],
])('one whose %s is %j is damaged', (name, value, problem) => {
  expect(read({ ...manifest, [name]: value })).toThrow(
    expect.objectContaining({
      code: 'CHECKPOINT_DAMAGED',
      message: `invalid checkpoint file: chk-000003.1/manifest (${problem})`,
    }),
  )
})

test('one that could not be read again is not written', () => {
  expect(() => encodeManifest({ ...manifest, tookMs: Number.NaN })).toThrow(
    expect.objectContaining({ code: 'INTERNAL', message: 'invalid manifest: manifest.tookMs is no number' }),
  )
})

test('is text that people can read', () => {
  expect(Buffer.from(encodeManifest(manifest)).toString()).toMatch(
    /^\{"format":"millrace checkpoint",.*\}\ncrc32 [0-9a-f]{8}\n$/,
  )
})

test('paths that lead elsewhere are refused', () => {
  for (const path of [
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '..',
    'a/..',
    '.',
    '.a',
    'a/.b',
    'a\\b',
    'C:',
    'a\0',
    'a b',
    'a'.repeat(501),
  ])
    expect(() => checkStoragePath(path), path).toThrow('invalid path in checkpoint storage')
  for (const path of ['a', 'a/b', 'chk-000003.1/part-0', '_', '-', 'a..b'])
    expect(() => checkStoragePath(path)).not.toThrow()
})
