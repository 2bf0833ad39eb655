/** Where jobs keep their state. */
import { resolve } from 'node:path'
import { MillraceError, unknownName } from '@millrace/plan'
import type { DiskState } from '@millrace/runtime'
import { checkOptions } from './steps/options.ts'

/**
 * @example
 * environment({ state: { store: 'disk', dir: '/fast/state', cacheBytes: 256 * 2 ** 20 } })
 */
export interface StateStorage {
  /**
   * `'memory'`: all of it. `'disk'`: what users' functions declare, and what `scan` and `reduce` fold, is on disk, but for the
   * rows used last.
   */
  readonly store: 'memory' | 'disk'
  /**
   * On disk: the folder of its files, which are gone when the job is, however that ends. Several jobs may have the same. Default:
   * the folder of the checkpoints, or without any the system's for temporary files, which may be memory.
   */
  readonly dir?: string
  /** On disk: bytes of memory for the rows used last, of each worker; default: a quarter of `memory`. */
  readonly cacheBytes?: number
}

const stores = ['memory', 'disk']

/** Throws INVALID_OPTION for what is not understood; undefined: in memory. */
export function stateStorage(given: StateStorage): DiskState | undefined {
  checkOptions('state', given, ['store', 'dir', 'cacheBytes'])
  const { store, dir, cacheBytes } = given
  if (store === undefined) throw new MillraceError('INVALID_OPTION', "missing store of state: 'memory' or 'disk'")
  if (!stores.includes(store)) throw unknownName('INVALID_OPTION', 'store of state', String(store), stores)
  if (dir !== undefined && (typeof dir !== 'string' || dir === ''))
    throw new MillraceError('INVALID_OPTION', `invalid dir of state: ${String(dir)}`, {
      hint: 'give the path of a folder on a disk with room for the state',
    })
  if (cacheBytes !== undefined && !(Number.isInteger(cacheBytes) && cacheBytes >= 1))
    throw new MillraceError('INVALID_OPTION', `invalid cacheBytes of state: ${String(cacheBytes)}`, {
      hint: 'give a whole number of bytes, at least 1',
    })
  if (store === 'disk') return { dir: dir === undefined ? undefined : resolve(dir), cacheBytes }
  if (dir !== undefined || cacheBytes !== undefined)
    throw new MillraceError('INVALID_OPTION', "invalid state: 'memory' has no dir and no cacheBytes", {
      hint: "give { store: 'disk', ... }",
    })
  return undefined
}
