/** The disk as a site sees it, which says what is written to it, so that faults may come just then. */
import { MillraceError } from '@millrace/plan'
import { type SimulatedDisk, type SimulatedSite, SimulatedStorage } from '@millrace/runtime/inside'

/** What becomes of an entry of the journal: all is well; it is written, and that is not known; it is not written. */
export type EntryFate = 'well' | 'unsaid' | 'lost'

export class MarkedStorage extends SimulatedStorage {
  readonly #mark: (name: string) => void
  readonly #fate: () => EntryFate

  constructor(disk: SimulatedDisk, host: SimulatedSite, mark: (name: string) => void, fate: () => EntryFate) {
    super(disk, host)
    this.#mark = mark
    this.#fate = fate
  }

  override write(...given: Parameters<SimulatedStorage['write']>): ReturnType<SimulatedStorage['write']> {
    this.#mark('part')
    return super.write(...given)
  }

  override async create(path: string, bytes: Uint8Array): Promise<boolean> {
    if (!path.startsWith('journal/')) {
      this.#mark('manifest')
      return super.create(path, bytes)
    }
    this.#mark('journal')
    const fate = this.#fate()
    const created = fate !== 'lost' && (await super.create(path, bytes))
    if (fate === 'well') return created
    throw new MillraceError('CHECKPOINT_FAILED', `invalid checkpoint file: ${path} (the disk does not answer)`)
  }
}
