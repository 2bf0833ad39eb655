/** The disk as a site sees it, which says what is written to it, so that faults may come just then. */
import { type SimulatedDisk, type SimulatedSite, SimulatedStorage } from '@millrace/runtime/inside'

export class MarkedStorage extends SimulatedStorage {
  readonly #mark: (name: string) => void

  constructor(disk: SimulatedDisk, host: SimulatedSite, mark: (name: string) => void) {
    super(disk, host)
    this.#mark = mark
  }

  override write(...given: Parameters<SimulatedStorage['write']>): ReturnType<SimulatedStorage['write']> {
    this.#mark('part')
    return super.write(...given)
  }

  override create(path: string, bytes: Uint8Array): Promise<boolean> {
    this.#mark(path.startsWith('journal/') ? 'journal' : 'manifest')
    return super.create(path, bytes)
  }
}
