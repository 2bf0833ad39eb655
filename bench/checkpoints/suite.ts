/** What checkpoints cost, and how soon a job goes on from one. Every run is a process of its own with a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Goal, Measured, Ratio, Suite } from '../harness/figure.ts'
import { runProgram } from '../harness/program-process.ts'
import { countingInstalled, killToOutput, workerToOutput } from './recovery.ts'

const M = 1e6
/** In memory. */
const SHARED_MEMORY = '/dev/shm'

export function checkpointsSuite({ quick, root }: { quick: boolean; root: string }): Suite {
  const scale = quick ? 0.1 : 1
  const installed = countingInstalled(root)
  return {
    measured: [
      ...throughput(16 * M * scale),
      ...large('typed', 5 * M * scale),
      ...large('opaque', M * scale),
      recovery('killToOutputMs', 1500, dir => killToOutput(installed, dir)),
      {
        ...recovery('workerToOutputMs', 500, dir => workerToOutput(installed, dir)),
        close: async () => installed.remove(),
      },
      writing(5 * M * scale),
      ...diskStore(20 * M * scale),
    ],
    ratios,
  }
}

async function inFolder<T>(where: string, act: (dir: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(where, 'millrace-checkpoints-'))
  try {
    return await act(join(folder, 'state'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function atMost(figure: string, unit: string, value: number, measure: () => Promise<number>): Measured {
  return { figure, unit, goal: { value, atMost: true }, cold: true, measure }
}

function recovery(figure: string, value: number, measure: (dir: string) => Promise<number>): Measured {
  return atMost(`checkpoints.${figure}`, 'ms', value, () => inFolder(tmpdir(), measure))
}

function throughput(rows: number): Measured[] {
  let known: string | undefined
  const rate = async (args: readonly unknown[]): Promise<number> => {
    const { rate, checksum } = await runProgram<{ rate: number; checksum: string }>('throughput', [rows, ...args])
    known ??= checksum
    if (checksum !== known) throw new Error(`invalid result: ${checksum}, not ${known}`)
    return rate
  }
  const measured = (figure: string, measure: () => Promise<number>): Measured => {
    return { figure: `checkpoints.${figure}`, unit: 'rows/s', cold: true, measure }
  }
  return [
    measured('throughput', () => inFolder(tmpdir(), dir => rate([dir]))),
    measured('throughputWithout', () => rate([])),
  ]
}

interface Large {
  readonly pauseMs: number
  readonly clockMs: number
  readonly bytes: number
}

function large(kind: 'typed' | 'opaque', keys: number): Measured[] {
  let last: Large | undefined
  const lastOf = (what: keyof Large) => async (): Promise<number> => {
    if (last === undefined) throw new Error(`missing checkpoint: ${what} is of the one whose pause is measured`)
    return last[what]
  }
  const measure = async (): Promise<number> => {
    last = await inFolder(tmpdir(), dir => runProgram<Large>('large', [kind, keys, keys / 50, dir]))
    return last.clockMs
  }
  if (kind === 'opaque') return [atMost('checkpoints.longestPauseOpaqueMs', 'ms', 50, measure)]
  return [
    atMost('checkpoints.longestPauseMs', 'ms', 10, measure),
    { figure: 'checkpoints.longestPauseWorkedMs', unit: 'ms', cold: true, measure: lastOf('pauseMs') },
    atMost('checkpoints.incrementBytes', 'bytes', (4 * M * keys) / (5 * M), lastOf('bytes')),
  ]
}

function writing(keys: number): Measured {
  const measure = async (dir: string): Promise<number> => {
    const { rate } = await runProgram<{ rate: number }>('write', [keys, dir])
    return rate
  }
  return {
    figure: 'checkpoints.writeBytesPerSecond',
    unit: 'bytes/s',
    goal: { value: 1e9 },
    cold: true,
    measure: () => inFolder(SHARED_MEMORY, measure),
  }
}

const GIB = 2 ** 30
/** Objects take no more; by itself the heap grows as if all memory were its own. */
const SMALL_HEAP = ['--max-old-space-size=192']

interface Written {
  readonly fillRate: number
  readonly rate: number
  readonly peakBytes: number
}

interface Checked {
  readonly wrong: number
  readonly compared: number
  readonly peakBytes: number
}

/** Keys that are updated, and a process of its own that goes on from their checkpoint and compares them all. */
function diskStore(keys: number): Measured[] {
  let last: (Written & { readonly restoredPeakBytes: number }) | undefined
  const measure = async (dir: string): Promise<number> => {
    const updates = keys // in the middle of them the checkpoint
    const everyMs = Math.ceil(keys / 250)
    const written = await runProgram<Written>('disk', ['write', keys, updates, dir, everyMs], SMALL_HEAP)
    const checked = await runProgram<Checked>('disk', ['check', keys, updates, dir, 1e9], SMALL_HEAP)
    if (checked.wrong > 0 || checked.compared !== keys)
      throw new Error(`invalid state: of ${checked.compared} keys that were restored ${checked.wrong} are others`)
    const peak = Math.max(written.peakBytes, checked.peakBytes)
    if (peak > GIB) throw new Error(`invalid memory: ${peak} bytes at its peak`)
    last = { ...written, restoredPeakBytes: checked.peakBytes }
    return written.rate
  }
  const lastOf = (what: keyof NonNullable<typeof last>) => async (): Promise<number> => {
    if (last === undefined) throw new Error(`missing state on disk: ${what} is of the job that is measured`)
    return last[what]
  }
  const figure = (name: string, unit: string, of: () => Promise<number>, goal?: Goal): Measured => {
    return { figure: `checkpoints.${name}`, unit, cold: true, once: true, measure: of, ...(goal && { goal }) }
  }
  return [
    figure('diskStoreUpdates', 'updates/s', () => inFolder(tmpdir(), measure), { value: 1e5 }),
    figure('diskStoreInserts', 'keys/s', lastOf('fillRate')),
    figure('diskStorePeakBytes', 'bytes', lastOf('peakBytes'), { value: GIB, atMost: true }),
    figure('diskStoreRestorePeakBytes', 'bytes', lastOf('restoredPeakBytes'), { value: GIB, atMost: true }),
  ]
}

const ratios: readonly Ratio[] = [
  {
    figure: 'checkpoints.throughputRatio',
    of: ['checkpoints.throughput', 'checkpoints.throughputWithout'],
    goal: { value: 0.95 },
  },
]
