import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder for the files of a test file, removed when that ends. */
export class ScratchFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'millrace-'))
  #count = 0

  constructor() {
    afterAll(() => rmSync(this.path, { recursive: true, force: true }))
  }
  /** A path that is new, in a folder of its own. */
  fresh(name: string): string {
    const path = join(this.path, `${this.#count++}`, name)
    mkdirSync(dirname(path))
    return path
  }
  /** A new file with this content; returns its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = this.fresh(name)
    writeFileSync(path, content)
    return path
  }
}

/** The names in a folder, sorted; none if it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

export function contentOf(path: string): string {
  return readFileSync(path, 'utf8')
}
