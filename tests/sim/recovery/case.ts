/** What a seed stands for: a job, how it is run, and what happens to it. */
import type { DiskOptions } from '@millrace/runtime/inside'
import { Draw } from './draw.ts'
import { drawFaults, type FaultPlan } from './faults.ts'
import type { Load } from './load.ts'
import { closedWindows, diamond, keyedAggregate, lateRows, twoStreams } from './shapes/aggregates.ts'
import { asyncCalls } from './shapes/async.ts'
import { broadcastRules } from './shapes/broadcast.ts'
import { crosswiseJoins, streamJoin } from './shapes/joins.ts'
import { passingKeys } from './shapes/passing-keys.ts'
import { processWithState, runningFold } from './shapes/process.ts'
import { distinctRows, forwarded, rebalanced, severalSinks, sorted } from './shapes/rows.ts'
import type { TargetOptions } from './target.ts'

export const shapes: readonly ((draw: Draw) => Load)[] = [
  keyedAggregate,
  closedWindows,
  lateRows,
  streamJoin,
  crosswiseJoins,
  processWithState,
  runningFold,
  diamond,
  sorted,
  rebalanced,
  forwarded,
  distinctRows,
  severalSinks,
  twoStreams,
  asyncCalls,
  broadcastRules,
  passingKeys,
]

export interface Case {
  readonly seed: number
  readonly load: Load
  /** Of each process, over and over. */
  readonly workers: readonly number[]
  readonly batchRows: number
  readonly slots: number
  readonly slotBytes: number
  readonly generate: boolean
  readonly optimise: boolean
  readonly targets: readonly TargetOptions[]
  readonly checkpoints: {
    readonly everyMs: number
    readonly minPauseMs: number
    readonly timeoutMs: number
    readonly retain: number
    readonly tolerates: number
  }
  /** When a part is written anew, and not what has changed of it; and in what pieces. */
  readonly chainLimits: { readonly smallBytes: number; readonly files: number }
  readonly pieces: { readonly ids: number; readonly bytes: number }
  /** When savepoints are asked for. */
  readonly savepointsMs: readonly number[]
  /** It begins again within its process; else a failure is the process's end. */
  readonly restarts: boolean
  readonly disk: DiskOptions
  readonly faults: FaultPlan
}

/** Other numbers of workers from process to process. */
const moving = [
  [1, 2],
  [2, 1],
  [1, 3],
  [3, 1],
  [2, 3],
  [3, 2],
]

export function caseOf(seed: number): Case {
  const draw = new Draw(seed)
  const load = draw.pick(shapes)(draw)
  const tolerates = draw.pick([0, 3, 1000])
  // Slow sites need longer: where few failures are survived, nothing would ever get done.
  const timeoutMs = tolerates < 1000 ? 30_000 : draw.pick([1000, 3000, 20_000])
  const targets = load.outputs.map(
    ({ name }): TargetOptions => ({
      name,
      place: draw.pick(['workers', 'workers', 'one', 'caller']),
      pauseMs: draw.pick([0, 0, 3]),
      keeps: draw.pick([0, 0, 7]),
    }),
  )
  return {
    seed,
    load,
    workers: draw.chance(0.35) && load.moves !== false ? draw.pick(moving) : [draw.pick([1, 2, 2, 3])],
    batchRows: draw.pick([20, 100, 400]),
    slots: draw.pick([2, 4, 16]),
    slotBytes: draw.pick([2048, 4096, 16_384]),
    generate: draw.chance(0.5),
    optimise: draw.chance(0.8),
    targets,
    checkpoints: {
      everyMs: draw.pick([30, 100, 300, 800]),
      minPauseMs: draw.pick([0, 20]),
      timeoutMs,
      retain: draw.pick([1, 1, 3]),
      tolerates,
    },
    chainLimits: { smallBytes: draw.pick([0, 0, 0, 2000, 65_536]), files: draw.pick([2, 4, 24]) },
    // Small pieces take long, and slow sites take long for each.
    pieces: {
      ids: draw.pick([3, 20, 4096]),
      bytes: timeoutMs < 20_000 ? 1 << 16 : draw.pick([3000, 10_000, 1 << 16]),
    },
    savepointsMs: Array.from({ length: draw.pick([0, 0, 1, 3]) }, () => draw.upTo(6000)),
    restarts: draw.chance(0.7),
    disk: { delayMs: draw.pick([1, 5, 30]), listedLateMs: draw.pick([0, 0, 500]), wrongUnder: 'chk-' },
    faults: drawFaults(draw),
  }
}
