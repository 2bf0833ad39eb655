/** Looks for requests for savepoints in a job's checkpoint folder, and answers them, one after the other. */
import { MillraceError } from '@millrace/plan'
import { folderName } from '../checkpoint/checkpoint-names.ts'
import type { Manifest } from '../checkpoint/manifest.ts'
import { putAnswer, requestsIn, type SavepointAnswer, takeRequest } from '../checkpoint/savepoint-request.ts'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import type { Host } from '../host/host.ts'

/** Between two looks: each reads a folder of a few names. */
const LOOK_MS = 300

export interface SavepointWatchOptions {
  readonly storage: CheckpointStorage
  readonly host: Host
  take(stop: boolean): Promise<Manifest>
}

export class SavepointWatch {
  readonly #options: SavepointWatchOptions
  #cancelTimer: () => void = () => {}
  #over = false
  #looking: Promise<void> = Promise.resolve()

  constructor(options: SavepointWatchOptions) {
    this.#options = options
  }

  begin(): void {
    const { host } = this.#options
    this.#cancelTimer = host.timer(host.now() + LOOK_MS, () => {
      this.#looking = this.#look().then(() => {
        if (!this.#over) this.begin()
      })
    })
  }

  /** No more are taken; resolves when those that were are answered. */
  async end(): Promise<void> {
    this.#over = true
    this.#cancelTimer()
    await this.#looking
  }

  async #look(): Promise<void> {
    const { storage, take } = this.#options
    try {
      for (const { name, stop } of await requestsIn(storage)) {
        if (this.#over) return
        await takeRequest(storage, name)
        await putAnswer(storage, name, await take(stop).then(answerOf, refusalOf))
      }
    } catch {
      // The folder cannot be read or written just now: who asks waits, and the job's own checkpoints say what is wrong.
    }
  }
}

function answerOf({ kind, id, fence }: Manifest): SavepointAnswer {
  return { folder: folderName(kind, id, fence) }
}

function refusalOf(error: unknown): SavepointAnswer {
  if (error instanceof MillraceError) return { code: error.code, message: error.message, hint: error.hint ?? '' }
  return { code: 'CHECKPOINT_FAILED', message: error instanceof Error ? error.message : String(error), hint: '' }
}
