/** A user's state of one key, the slow way: everything with its time, in one list that is looked through at every turn. */
type Entry = { readonly key: unknown; value: unknown; time: number }

/** `now` is the time of the call. A value is the entry of one key, a list has no keys. */
export class StateTwin {
  readonly #afterMs: number
  readonly #refresh: 'create' | 'write' | 'read'
  #entries: Entry[] = []

  constructor({
    afterMs = Infinity,
    refresh = 'write',
  }: Partial<{ afterMs: number; refresh: 'create' | 'write' | 'read' }>) {
    this.#afterMs = afterMs
    this.#refresh = refresh
  }
  live(now: number): Entry[] {
    return (this.#entries = this.#entries.filter(e => now - e.time < this.#afterMs))
  }
  read(now: number, key?: unknown): Entry[] {
    const found = this.live(now).filter(e => key === undefined || e.key === key)
    if (this.#refresh === 'read') for (const entry of found) entry.time = now
    return found
  }
  set(now: number, key: unknown, value: unknown): void {
    const [entry] = this.live(now).filter(e => e.key === key)
    if (entry === undefined) return this.add(now, value, key)
    if (this.#refresh !== 'create') entry.time = now
    entry.value = value
  }
  add(now: number, value: unknown, key?: unknown): void {
    this.live(now).push({ key, value, time: now })
  }
  /** Without a key all of it. */
  delete(now: number, key?: unknown): void {
    this.#entries = this.live(now).filter(e => key !== undefined && e.key !== key)
  }
}
