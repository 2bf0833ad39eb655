/**
 * Heaps of texts that are never written again once there is a column of them: a promise of who made the heap, which lets
 * a copy of it serve for all its columns.
 */
const constants = new WeakSet<Int32Array>()

/** Returns the heap. */
export function constantHeap(heap: Int32Array): Int32Array {
  constants.add(heap)
  return heap
}

export function isConstant(heap: Int32Array): boolean {
  return constants.has(heap)
}
