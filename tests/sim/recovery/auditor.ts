/**
 * The auditor sees what a sink's target makes visible, and the disk; of the engine it knows nothing. It holds that
 *
 * - what becomes visible is named by a manifest that the journal on the disk calls complete,
 * - no row is visible twice at any moment, and none taken back that was not there,
 * - a bounded result becomes visible only when all is over,
 * - in the end exactly what should be visible is, and nothing is left behind that was prepared and never shown.
 */
import type { CollectionKind } from '@millrace/plan'
import type { SimulatedDisk } from '@millrace/runtime/inside'
import type { Output } from './load.ts'
import type { Staged, Target, Witness } from './target.ts'

interface Book {
  readonly output: Output
  readonly collection: CollectionKind
  readonly visible: Map<string, number>
}

export class Auditor implements Witness {
  readonly #disk: SimulatedDisk
  readonly #books = new Map<Target, Book>()
  /** Of what was shown last. */
  #jobId: string | undefined
  /** Rows that have become visible. */
  shown = 0
  /** The first thing that was wrong. */
  violation: Violation | undefined

  constructor(disk: SimulatedDisk) {
    this.#disk = disk
  }

  watch(target: Target, output: Output, collection: CollectionKind): void {
    this.#books.set(target, { output, collection, visible: new Map() })
  }

  shows(target: Target, handle: string, staged: Staged | undefined): void {
    const { output, collection, visible } = this.#books.get(target)!
    const found = (problem: string): Error => (this.violation ??= new Violation(`${output.name}: ${handle} ${problem}`))
    if (staged === undefined) throw found('is committed, and nothing of that name was prepared or is left')
    const manifests = this.#manifestsWith(handle)
    if (manifests.length === 0) throw found('is committed, and no complete checkpoint names it')
    if (collection === 'bounded' && !manifests.some(text => text.includes('"finished":true,"operators"')))
      throw found('is committed before the end')
    this.#jobId = staged.jobId
    for (const [row, weight] of staged.changes) {
      const times = (visible.get(row) ?? 0) + weight
      if (times === 0) visible.delete(row)
      else visible.set(row, times)
      this.shown++
    }
    for (const [row] of staged.changes) {
      const times = visible.get(row) ?? 0
      if (times < 0 || times > 1) throw found(`makes a row visible ${times} times: ${row}`)
    }
  }

  /** The texts of the complete manifests that name a handle. */
  #manifestsWith(handle: string): string[] {
    const found: string[] = []
    const files = [...this.#disk.files]
    const journal = files.filter(([path]) => path.startsWith('journal/')).map(([, bytes]) => textOf(bytes))
    for (const [path, bytes] of files) {
      if (!path.endsWith('/manifest')) continue
      const text = textOf(bytes)
      if (text.includes(JSON.stringify(handle)) && journal.some(entry => entry.includes(path))) found.push(text)
    }
    return found
  }

  /**
   * @param lingering processes that ran on when they had been replaced: what they have prepared nobody removes. Nor what a
   * process before the last had prepared when it crashed before its first checkpoint: nobody knows of its job.
   */
  end(lingering: ReadonlySet<number>, last: number): void {
    for (const [target, { output, visible }] of this.#books) {
      const wrong = output.wrong(visible)
      if (wrong !== undefined) throw new Violation(`${output.name}: ${wrong}`)
      const left = [...target.staged]
        .filter(([, { process, jobId }]) => !lingering.has(process) && (process === last || jobId === this.#jobId))
        .map(([handle]) => handle)
      if (left.length > 0) throw new Violation(`${output.name}: ${left.join(', ')} was left behind`)
    }
  }
}

/** Something that must never be. */
export class Violation extends Error {}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
