/**
 * The files of a site's part, over one run: a base with all that the site remembers, and behind it what has changed from
 * checkpoint to checkpoint.
 *
 * A base is written when there is none that counts, when the changes since take as much as it does, or are many: so a restore
 * reads at most twice what it needs, and the bytes written stay proportional to what changes. A small base is written each
 * time.
 */
import type { StoredFile } from '../checkpoint/storage.ts'
import type { CaptureKind } from '../driver/vertex-record.ts'

export interface ChainLimits {
  /** A base of fewer bytes is written each time. */
  readonly smallBytes: number
  /** Files of a chain at most. */
  readonly files: number
}

const DEFAULT_LIMITS: ChainLimits = { smallBytes: 1 << 16, files: 24 }

export class PartChain {
  readonly #limits: ChainLimits
  /** Of the last checkpoint that is known to be complete. */
  #files: readonly StoredFile[] = []
  #counts: number | undefined
  #written: { readonly id: number; readonly epoch: number; readonly files: readonly StoredFile[] } | undefined
  #decided: { readonly epoch: number; readonly kind: CaptureKind } | undefined

  constructor(limits: ChainLimits = DEFAULT_LIMITS) {
    this.#limits = limits
  }

  /** The same for all vertices of the site, whenever its barrier comes to them. `whole`: a base, if that is not too late. */
  kindFor(epoch: number, whole = false): CaptureKind {
    if (this.#decided?.epoch !== epoch)
      this.#decided = { epoch, kind: { whole: whole || this.#wantsBase(), counts: this.#counts } }
    return this.#decided.kind
  }

  #wantsBase(): boolean {
    const [base, ...changes] = this.#files
    if (base === undefined || base.bytes < this.#limits.smallBytes) return true
    return this.#files.length >= this.#limits.files || changes.reduce((sum, { bytes }) => sum + bytes, 0) >= base.bytes
  }

  /** What is told at the barrier are changes of these files. */
  before(epoch: number): readonly StoredFile[] {
    return this.kindFor(epoch).whole ? [] : this.#files
  }

  /**
   * The files of the part with this one. Since the barrier a checkpoint may have been found complete that did not count then:
   * what has changed since an earlier one covers what has changed since.
   */
  wrote(id: number, epoch: number, file: StoredFile | undefined): readonly StoredFile[] {
    const before = this.before(epoch)
    const files = file === undefined ? before : [...before, file]
    this.#written = { id, epoch, files }
    return files
  }

  /** The checkpoint is complete. */
  completed(id: number): void {
    if (this.#written?.id !== id) return
    this.#files = this.#written.files
    this.#counts = this.#written.epoch
  }
}
