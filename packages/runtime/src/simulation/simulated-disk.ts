/**
 * What lies on the disk of a simulation, and the faults that it has: as many as its options say, drawn from the hosts of those
 * who use it. It keeps the contract of `CheckpointStorage`: what was resolved stays. What was not is, after a crash or an
 * error, there as a whole, or not at all, or in part and with wrong bytes where the contract lets it.
 */
import { MillraceError } from '@millrace/plan'
import type { Host } from '../host/host.ts'

export interface DiskOptions {
  /** Each step of an operation takes up to so long; default 5. */
  readonly delayMs?: number
  /** How often writing and deleting fail, 0 to 1; default 0. */
  readonly failing?: number
  /** How often reading and listing fail; default 0. */
  readonly failingReads?: number
  /** How often a written file is not what was given, although the write has resolved: a broken disk. Default 0. */
  readonly wrong?: number
  /** That happens only to files whose path begins with this; default: to all. */
  readonly wrongUnder?: string
  /** New files are listed up to so much later; default 0. */
  readonly listedLateMs?: number
  /** Bytes there is room for; default: no limit. */
  readonly capacityBytes?: number
}

/** What a storage takes of its site's Host. */
export type DiskHost = Pick<Host, 'now' | 'random' | 'timer'>

interface DiskFile {
  readonly bytes: Uint8Array
  readonly listedMs: number
}

export class SimulatedDisk {
  options: Required<DiskOptions>
  readonly #files = new Map<string, DiskFile>()
  /** What files should be that are damaged. */
  readonly #right = new Map<string, Uint8Array>()
  #usedBytes = 0

  constructor(options: DiskOptions = {}) {
    this.options = {
      delayMs: 5,
      failing: 0,
      failingReads: 0,
      wrong: 0,
      wrongUnder: '',
      listedLateMs: 0,
      capacityBytes: Number.POSITIVE_INFINITY,
      ...options,
    }
  }

  /** From now on it is otherwise. */
  change(options: DiskOptions): void {
    this.options = { ...this.options, ...options }
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** All files, for who audits. */
  get files(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#files].map(([path, { bytes }]) => [path, bytes]))
  }

  has(path: string): boolean {
    return this.#files.has(path)
  }

  get(path: string): Uint8Array | undefined {
    return this.#files.get(path)?.bytes
  }

  list(prefix: string, nowMs: number): string[] {
    const listed = [...this.#files].filter(([path, { listedMs }]) => path.startsWith(prefix) && listedMs <= nowMs)
    return listed.map(([path]) => path).sort()
  }

  put(path: string, bytes: Uint8Array, host: DiskHost): void {
    this.remove(path)
    this.#usedBytes += bytes.length
    this.#files.set(path, { bytes, listedMs: host.now() + host.random() * this.options.listedLateMs })
  }

  remove(path: string): void {
    this.#usedBytes -= this.#files.get(path)?.bytes.length ?? 0
    this.#files.delete(path)
    this.#right.delete(path)
  }

  /** Throws where there is no room for so many bytes more. */
  checkRoom(path: string, bytes: number): void {
    if (this.#usedBytes + bytes > this.options.capacityBytes)
      throw new MillraceError('CHECKPOINT_FAILED', `invalid checkpoint file: ${path} (no space left on the disk)`)
  }

  /** What is left of a file whose writing has come to no good end: nothing, a part of it, all of it. */
  leave(path: string, bytes: Uint8Array, host: DiskHost): void {
    const chance = host.random()
    if (this.has(path) || chance < 0.5) return
    const left = chance < 0.8 ? bytes.subarray(0, Math.floor(host.random() * (bytes.length + 1))) : bytes
    this.put(path, host.random() < 0.3 ? damaged(left, host) : left, host)
  }

  /** A byte of a file turns into another, as on a disk that grows old. */
  damage(path: string, host: DiskHost): void {
    const right = this.#right.get(path) ?? this.get(path)!
    this.put(path, damaged(this.get(path)!, host), host)
    this.#right.set(path, right)
  }

  /** There are files that are not what they should be. */
  get isDamaged(): boolean {
    return this.#right.size > 0
  }

  isDamagedAt(path: string): boolean {
    return this.#right.has(path)
  }

  /** A file as it should be. */
  written(path: string): Uint8Array | undefined {
    return this.#right.get(path) ?? this.get(path)
  }

  /** They are again, as if from a backup. */
  repair(): void {
    for (const [path, bytes] of this.#right) {
      this.#usedBytes += bytes.length - (this.get(path)?.length ?? 0)
      this.#files.set(path, { bytes, listedMs: Number.NEGATIVE_INFINITY })
    }
    this.#right.clear()
  }
}

/** A copy with one byte changed, if there is one. */
export function damaged(bytes: Uint8Array, host: Pick<Host, 'random'>): Uint8Array {
  const copy = new Uint8Array(bytes)
  if (copy.length > 0) copy[Math.floor(host.random() * copy.length)] ^= 1 << Math.floor(host.random() * 8)
  return copy
}
