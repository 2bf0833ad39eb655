/** The stores of state, for tests that go through both: on disk with room for a few rows in memory, and segments of a few rows. */
import { DiskStore, memoryStore, type StateStore } from '@millrace/runtime/inside'
import { afterAll } from 'vitest'
import { ScratchFolder } from './scratch-folder.ts'

/** Open at a time: a test that asks for more has no use for its first. */
const OPEN = 64
const open: DiskStore[] = []
const folder = new ScratchFolder()

afterAll(() => Promise.all(open.map(store => store.close())))

function diskStore(): StateStore {
  const store = new DiskStore({ dir: folder.path, cacheBytes: 250, elapsed: () => 0, segmentBytes: 256 })
  open.push(store)
  if (open.length > OPEN) void open.shift()!.close()
  return store
}

export const stateStores: [name: string, make: () => StateStore][] = [
  ['memory', () => memoryStore],
  ['files', diskStore],
]
