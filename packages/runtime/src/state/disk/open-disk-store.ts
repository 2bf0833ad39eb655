/** Where a site keeps its state, by what the job was given. */
import { tmpdir } from 'node:os'
import type { CheckpointStorage } from '../../checkpoint/storage.ts'
import type { DiskState } from '../../execute-options.ts'
import type { Host } from '../../host/host.ts'
import { DiskStore } from './disk-store.ts'

/** Of the memory setting. */
const CACHE_SHARE = 0.25

export interface StateSettings {
  /** Absent: all state is in memory. */
  readonly state?: DiskState | undefined
  readonly memory: number
  readonly storage?: CheckpointStorage | undefined
  readonly host: Host
}

/** Undefined: the store in memory. */
export function openDiskStore({ state, memory, storage, host }: StateSettings): DiskStore | undefined {
  if (state === undefined) return undefined
  return new DiskStore({
    dir: state.dir ?? storage?.label ?? tmpdir(),
    cacheBytes: state.cacheBytes ?? memory * CACHE_SHARE,
    elapsed: () => host.elapsed(),
  })
}
