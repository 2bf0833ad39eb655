/**
 * A job's checkpoints (see `Checkpoints`), by the law of the journal (`journal.ts`): a checkpoint is complete when its entry is
 * in place. Before that every new file is read back and compared with what was written, then its manifest.
 *
 * Memory: the manifests of what is retained. Cost of completing one: two small files, and reading what is new in it.
 */
import { MillraceError } from '@millrace/plan'
import { FOLDERS, folderName, folderOf, JOURNAL, journalPath, manifestPath, slotOf } from './checkpoint-names.ts'
import type { CheckpointOptions } from './checkpoint-options.ts'
import { Checksum } from './checksum.ts'
import { firstEntry } from './first-entry.ts'
import { type Completed, decodeEntry, encodeEntry, type JournalEntry, KEPT_ENTRIES } from './journal.ts'
import type { Checkpoints } from './library.ts'
import type { CheckpointKind, Manifest } from './manifest.ts'
import { encodeManifest } from './manifest-file.ts'
import { prunable } from './prunable.ts'
import { checkFiles, filesOf, pick, readManifest } from './read-checkpoint.ts'
import { failed, overtaken, refused, removed } from './run-errors.ts'
import type { CheckpointStorage } from './storage.ts'

/** Takes the storage over: from here on nothing that runs before this one write counts. */
export async function openCheckpoints(storage: CheckpointStorage, options: CheckpointOptions): Promise<Checkpoints> {
  for (;;) {
    const first = await firstEntry(storage, options)
    const bytes = encodeEntry(first)
    if (!(await storage.create(journalPath(first.slot), bytes))) continue // another run was faster: it comes before
    await readBack(storage, journalPath(first.slot), bytes)
    await trimJournal(storage, first.slot)
    return new Library(storage, options, first)
  }
}

/**
 * Now and then, when an entry has been written: what no reader needs any more goes. Not only where checkpoints are pruned: runs
 * that end before their first, and checkpoints that fail, write entries too.
 */
async function trimJournal(storage: CheckpointStorage, slot: number): Promise<void> {
  if (slot % KEPT_ENTRIES !== 0) return
  try {
    for (const path of await storage.list(JOURNAL))
      if ((slotOf(path) ?? slot) <= slot - KEPT_ENTRIES) await storage.delete(path)
  } catch {
    // the entry counts: what stays goes another time
  }
}

/** Reads a small file that was just written. */
async function readBack(storage: CheckpointStorage, path: string, written: Uint8Array): Promise<void> {
  const found = await storage.read(path)
  if (found === undefined || Buffer.compare(found, written) !== 0)
    throw new MillraceError('CHECKPOINT_FAILED', `invalid checkpoint file: ${path} (it reads back differently)`, {
      hint: 'The disk does not keep what is written to it.',
    })
}

class Library implements Checkpoints {
  readonly fence: number
  readonly jobId: string
  #leftovers: readonly string[]
  readonly #storage: CheckpointStorage
  readonly #options: CheckpointOptions
  /** The slot of the next entry. */
  #slot: number
  #nextId: number
  #doubt: string | undefined
  /** By id. */
  #complete: Map<number, Completed>
  readonly #manifests = new Map<number, Manifest>()
  /** Paths of files that were found to be right, and are still there. */
  readonly #checked = new Set<string>()
  /** Ids that may count although their completion has failed. */
  readonly #uncertain = new Set<number>()
  #fenced: MillraceError | undefined
  /** What is under way: one thing at a time. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(storage: CheckpointStorage, options: CheckpointOptions, first: JournalEntry) {
    this.#storage = storage
    this.#options = options
    this.fence = first.fence
    this.jobId = first.jobId
    this.#leftovers = first.leftovers ?? []
    this.#slot = first.slot + 1
    this.#nextId = first.nextId
    this.#doubt = first.doubt
    this.#complete = new Map(first.complete.map(each => [each.id, each]))
  }

  get leftovers(): readonly string[] {
    return this.#leftovers
  }

  cleared(): void {
    this.#leftovers = []
  }

  newest({ allowOlder = false }: { readonly allowOlder?: boolean } = {}): Promise<Manifest | undefined> {
    return this.#inTurn(async () => {
      await this.#settle()
      const manifest = await this.#newest(allowOlder)
      await this.#holdFence() // who has been overtaken must not make sinks what they were
      return manifest
    })
  }

  async #newest(allowOlder: boolean): Promise<Manifest | undefined> {
    if (this.#doubt !== undefined && !allowOlder) throw refused(new MillraceError('CHECKPOINT_DAMAGED', this.#doubt))
    const ids = [...this.#complete.keys()].sort((a, b) => b - a)
    let damage: unknown
    for (const id of ids) {
      try {
        const manifest = await this.#load(this.#complete.get(id)!)
        for (const later of ids) if (later > id) this.#complete.delete(later)
        return manifest
      } catch (error) {
        if ((error as MillraceError).code !== 'CHECKPOINT_DAMAGED') throw error
        if (!allowOlder) throw refused(error as MillraceError)
        damage ??= error
      }
    }
    if (damage !== undefined) throw damage
    return undefined
  }

  /** What may count although its completion has failed counts no more: from here on something else may be restored. */
  async #settle(): Promise<void> {
    if (this.#uncertain.size === 0) return
    await this.#append([...this.#complete.values()])
    this.#uncertain.clear()
  }

  find(which: number | string): Promise<Manifest> {
    return this.#inTurn(async () => this.#load(pick([...this.#complete.values()], which, this.#storage.label)))
  }

  nextId(): number {
    return this.#nextId++
  }

  partPath(id: number, site: number, kind: CheckpointKind = 'checkpoint'): string {
    return `${folderName(kind, id, this.fence)}/part-${site}`
  }

  complete(manifest: Manifest): Promise<void> {
    return this.#inTurn(async () => {
      const { id, kind } = manifest
      const folder = folderName(kind, id, this.fence)
      this.#checkOurs(manifest, folder)
      await this.#holdFence()
      const fresh = filesOf(manifest).filter(({ path }) => !this.#checked.has(path))
      await this.#unlessOvertaken(checkFiles(this.#storage, fresh)).catch(failed)
      const path = manifestPath(folder)
      const bytes = encodeManifest(manifest)
      await this.#storage.create(path, bytes)
      await this.#unlessOvertaken(readBack(this.#storage, path, bytes))
      const completed = { id, kind, file: { path, bytes: bytes.length, checksum: Checksum.of(bytes) } }
      this.#uncertain.add(id)
      await this.#append([...this.#complete.values(), completed])
      this.#uncertain.delete(id)
      this.#complete.set(id, completed)
      this.#manifests.set(id, manifest)
      for (const file of fresh) this.#checked.add(file.path)
    })
  }

  prune(retain: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#holdFence()
      const ids = [...this.#complete.values()].filter(({ kind }) => kind === 'checkpoint').map(({ id }) => id)
      ids.sort((a, b) => b - a)
      const retained = ids.slice(0, Math.max(1, retain))
      const needed: string[] = []
      for (const id of retained) needed.push(...(await this.#needs(this.#complete.get(id)!)))
      const paths = (await Promise.all(FOLDERS.map(prefix => this.#storage.list(prefix)))).flat()
      const given = { paths, needed, newest: ids[0] ?? 0, complete: this.#complete, fence: this.fence }
      for (const id of ids.slice(retained.length)) this.#forget(id)
      for (const path of prunable(given)) await this.#delete(path)
    })
  }

  discard(id: number): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#complete.has(id))
        throw new MillraceError('INTERNAL', `invalid checkpoint to discard: ${id} (it is complete)`)
      await this.#holdFence()
      // What is entered here says that it does not count, and that its id is used up. On a full disk the files go first.
      const entered = await this.#append([...this.#complete.values()]).then(
        () => undefined,
        error => error as unknown,
      )
      if (entered !== undefined && this.#uncertain.has(id)) throw entered
      this.#uncertain.delete(id)
      const folders = (['checkpoint', 'savepoint'] as const).map(kind => folderName(kind, id, this.fence))
      for (const folder of folders)
        for (const path of (await this.#storage.list(`${folder}/`)).toReversed()) await this.#delete(path)
      if (entered !== undefined) await this.#append([...this.#complete.values()]).catch(() => {})
    })
  }

  /** The manifest, once every file of it was found to be right. */
  async #load(completed: Completed): Promise<Manifest> {
    const { keyGroups } = this.#options
    const manifest = await this.#unlessOvertaken(readManifest(this.#storage, completed, { keyGroups }))
    const files = filesOf(manifest)
    await this.#unlessOvertaken(checkFiles(this.#storage, files))
    for (const { path } of files) this.#checked.add(path)
    this.#manifests.set(completed.id, manifest)
    return manifest
  }

  /** What a retained checkpoint needs: its files, or, if its manifest is damaged, whatever is in its folder. */
  async #needs(completed: Completed): Promise<string[]> {
    const { file, id } = completed
    try {
      const manifest = this.#manifests.get(id) ?? (await readManifest(this.#storage, completed))
      this.#manifests.set(id, manifest)
      return [file.path, ...filesOf(manifest).map(({ path }) => path)]
    } catch (error) {
      if ((error as MillraceError).code !== 'CHECKPOINT_DAMAGED') throw error
      return [...(await this.#storage.list(`${folderOf(file.path)!.name}/`))]
    }
  }

  #checkOurs({ id, kind, fence, parts }: Manifest, folder: string): void {
    const is = (problem: string): MillraceError => new MillraceError('INTERNAL', `invalid manifest: ${problem}`)
    if (fence !== this.fence) throw is(`fence ${fence} (of this run: ${this.fence})`)
    if (id >= this.#nextId) throw is(`id ${id} was not given out`)
    if (this.#complete.has(id)) throw is(`checkpoint ${id} is complete`)
    const foreign = kind === 'savepoint' && parts.flat().find(({ path }) => !path.startsWith(`${folder}/`))
    if (foreign) throw is(`a savepoint needs ${foreign.path} of another checkpoint`)
  }

  /** Writes the next entry. When it has resolved, this is what is complete. */
  async #append(complete: readonly Completed[]): Promise<void> {
    const { host } = this.#options
    const { fence, jobId } = this
    for (;;) {
      const slot = this.#slot
      const left = this.#leftovers.length === 0 || complete.length > 0 ? {} : { leftovers: this.#leftovers }
      const entry = { slot, fence, jobId, atMs: host.now(), nextId: this.#nextId, complete, ...left }
      const bytes = encodeEntry(entry)
      if (await this.#storage.create(journalPath(slot), bytes)) {
        this.#slot++
        await readBack(this.#storage, journalPath(slot), bytes)
        this.#doubt = undefined
        await trimJournal(this.#storage, slot)
        return
      }
      await this.#passOver(slot)
    }
  }

  /** Someone has written to the slot: we, in an attempt that was said to have failed, or a run that has overtaken this one. */
  async #passOver(slot: number): Promise<void> {
    const bytes = await this.#storage.read(journalPath(slot))
    if (bytes === undefined) throw removed(journalPath(slot))
    const { fence } = decodeEntry(bytes, slot)
    if (fence !== this.fence) throw (this.#fenced = overtaken(this.#storage.label, fence))
    this.#slot++
  }

  /** Rejects if another run has taken over, or the journal is not there any more. */
  async #holdFence(): Promise<void> {
    const before = await this.#storage.read(journalPath(this.#slot - 1))
    if (before === undefined) throw removed(journalPath(this.#slot - 1))
    while ((await this.#storage.read(journalPath(this.#slot))) !== undefined) await this.#passOver(this.#slot)
  }

  /** What is not there any more may have been deleted by a run that has taken over: then that is the error. */
  async #unlessOvertaken<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading
    } catch (error) {
      await this.#holdFence()
      throw error
    }
  }

  async #delete(path: string): Promise<void> {
    await this.#storage.delete(path)
    this.#checked.delete(path)
  }

  #forget(id: number): void {
    this.#complete.delete(id)
    this.#manifests.delete(id)
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => {
      if (this.#fenced !== undefined) throw this.#fenced
      return act()
    })
    this.#turn = result.catch(() => {})
    return result
  }
}
