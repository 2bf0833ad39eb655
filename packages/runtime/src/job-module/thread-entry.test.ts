import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { threadEntry } from './thread-entry.ts'

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-thread-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const url = (path: string) => pathToFileURL(join(folder, path))

for (const [layout, self, entry] of [
  ['built', 'runtime/dist/job-module/thread-entry.js', 'runtime/dist/cluster/thread.js'],
  ['from sources', 'other/src/job-module/thread-entry.ts', 'other/dist/cluster/thread.js'],
  ['published', 'millrace/dist/chunk-AB12.js', 'millrace/dist/thread.js'],
] as const)
  test(layout, () => {
    expect(() => threadEntry(url(self).href)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', message: `missing file: ${join(folder, entry)}` }),
    )
    mkdirSync(join(folder, entry, '..'), { recursive: true })
    writeFileSync(join(folder, entry), '')
    expect(threadEntry(url(self).href)).toEqual(url(entry))
  })
