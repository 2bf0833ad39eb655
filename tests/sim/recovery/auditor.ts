/**
 * The auditor sees what a sink's target makes visible, and the disk; of the engine it knows nothing. It holds that
 *
 * - what becomes visible is named by a manifest that the journal on the disk calls complete, and of which every file is what
 *   was written,
 * - no row is visible twice at any moment, and none taken back that was not there,
 * - a bounded result becomes visible only when all is over,
 * - nothing is left of what was prepared before when a run begins once more without a checkpoint,
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
  /** Files that were right for a while. */
  readonly rotten = new Set<string>()
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
    if (manifests.every(path => this.#wrongFile(path) !== undefined))
      throw found(`is committed with a checkpoint that was written wrong: ${this.#wrongFile(manifests[0]!)}`)
    if (collection === 'bounded' && !manifests.some(path => this.#textOf(path).includes('"finished":true,"operators"')))
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

  /** A run of this process begins, and goes on from nothing. */
  beginsAnew(process: number): void {
    for (const [target, { output }] of this.#books)
      for (const [handle, staged] of target.staged)
        if (staged.process === process)
          this.violation ??= new Violation(`${output.name}: ${handle} is left when the job begins anew`)
  }

  /** Of how many files a part of a checkpoint is made at most, by its manifest. */
  filesOfPart(id: number): number {
    const folder = new RegExp(`^(chk|save)-0*${id}\\.\\d+/manifest$`)
    const path = [...this.#disk.files.keys()].find(each => folder.test(each))
    return path === undefined ? 0 : Math.max(0, ...partsOf(this.#textOf(path)).map(files => files.length))
  }

  /** A file of a checkpoint that never was what it should be. */
  #wrongFile(manifest: string): string | undefined {
    const files = [manifest, ...partsOf(this.#textOf(manifest)).flatMap(of => of.map(({ path }) => path))]
    return files.find(path => this.#disk.isDamagedAt(path) && !this.rotten.has(path))
  }

  /** The paths of the complete manifests that name a handle. */
  #manifestsWith(handle: string): string[] {
    const paths = [...this.#disk.files.keys()]
    const journal = paths.filter(path => path.startsWith('journal/')).map(path => this.#textOf(path))
    const names = JSON.stringify(handle)
    return paths.filter(
      path =>
        path.endsWith('/manifest') && this.#textOf(path).includes(names) && journal.some(entry => entry.includes(path)),
    )
  }

  /** What was written, whatever has become of it. */
  #textOf(path: string): string {
    return textOf(this.#disk.written(path)!)
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

/** By site, of a manifest's text. */
function partsOf(manifest: string): readonly (readonly { readonly path: string }[])[] {
  return (JSON.parse(manifest.split('\n')[0]!) as { parts: { path: string }[][] }).parts
}

/** Files do not change. */
const texts = new WeakMap<Uint8Array, string>()

function textOf(bytes: Uint8Array): string {
  let text = texts.get(bytes)
  if (text === undefined) texts.set(bytes, (text = Buffer.from(bytes).toString()))
  return text
}
