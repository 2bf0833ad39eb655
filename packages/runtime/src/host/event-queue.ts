/** Things that are to happen at a time, earliest first; those of one time in the order of their adding. A binary heap. */
export interface TimedEvent {
  atMs: number
  readonly order: number
}

export class EventQueue<E extends TimedEvent> {
  readonly #heap: E[] = []

  get size(): number {
    return this.#heap.length
  }

  add(event: E): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!before(event, heap[parent])) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = event
  }

  /** The earliest; undefined: there is none. */
  take(): E | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return last
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++
      if (child >= heap.length || !before(heap[child], last)) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = last
    return first
  }

  [Symbol.iterator](): Iterator<E> {
    return this.#heap[Symbol.iterator]()
  }
}

function before(a: TimedEvent, b: TimedEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
