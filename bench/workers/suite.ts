/**
 * Several workers on one job, against one worker or none at all. Every run is a process of its own, and what is measured in
 * it begins with its first row: workers are new in every job, so there is nothing that a run before could warm up.
 * Runs are so long that they are steady work for some seconds: each thread compiles the program for itself, and what compiles
 * it (0.8 s of processor time, where one worker takes 0.3) finds no core idle. Objects on two workers came to 0.9 times one
 * worker's rate over 24 million events, to 1.5 times over 96 million.
 */
import type { Measured, Ratio, Suite } from '../harness/figure.ts'
import { runProgram, runTogether } from '../harness/program-process.ts'
import { equalResults } from './equal-results.ts'
import { start } from './start.ts'
import type { Rate } from './stopwatch.ts'

const M = 1e6

export function workersSuite({ quick, root }: { quick: boolean; root: string }): Suite {
  const scale = quick ? 0.1 : 1
  const measured: Measured[] = [
    ...exchange('exchange', 'full', 96 * M * scale),
    ...exchange('exchangePruned', 'pruned', 128 * M * scale),
    ...objects(192 * M * scale),
    ...latency(quick ? 3 : 11),
    idle(quick ? 2 : 5),
    ...start(root),
    memory(110 * M * scale),
    equalResults(quick ? 100_000 : M),
  ]
  return { measured, ratios }
}

/** One job with two workers; and two processes with one worker each, half of the events to each, at the same moment. */
function exchange(figure: string, width: 'full' | 'pruned', events: number): Measured[] {
  const together = same()
  return [
    rate(`workers.${figure}`, async () => {
      const { rate, checksum } = await runProgram<Rate>('exchange', [width, events, 2])
      together(checksum)
      return rate
    }),
    rate(`workers.${figure}Apart`, async () => {
      const halves = [0, 1].map(split => ['exchange', [width, events, 1, split]] as const)
      const rates = await runTogether<Rate>(halves)
      return rates.reduce((sum, { rate }) => sum + rate, 0)
    }),
  ]
}

function objects(events: number): Measured[] {
  const agree = same()
  const on = async (workers: number): Promise<number> => {
    const { rate, checksum } = await runProgram<Rate>('objects', [events, workers])
    agree(checksum)
    return rate
  }
  return [rate('workers.objects', () => on(2)), rate('workers.objectsOne', () => on(1))]
}

function rate(figure: string, measure: () => Promise<number>): Measured {
  return { figure, unit: 'rows/s', cold: true, measure }
}

/** Throws if it is ever given another checksum than before. */
function same(): (checksum: string) => void {
  let known: string | undefined
  return checksum => {
    known ??= checksum
    if (checksum !== known) throw new Error(`invalid result: ${checksum}, not ${known}`)
  }
}

interface Latencies {
  readonly rate: number
  readonly median: number
  readonly high: number
}

/** Of a tenth of the rows that the same job takes when it is given as many as it can take. */
function latency(seconds: number): Measured[] {
  let last: Latencies | undefined
  const measure = async (): Promise<number> => {
    const { rate: capacity } = await runProgram<Latencies>('latency', [0, 3])
    last = await runProgram<Latencies>('latency', [Math.floor(capacity / 10), seconds])
    return last.high
  }
  const lastOf = (what: 'rate' | 'median') => async (): Promise<number> => {
    if (last === undefined) throw new Error('missing latencies: they are measured with workers.latencyMicros')
    return last[what]
  }
  return [
    { figure: 'workers.latencyMicros', unit: 'us', goal: { value: 3000, atMost: true }, cold: true, measure },
    { figure: 'workers.latencyMedianMicros', unit: 'us', cold: true, measure: lastOf('median') },
    { figure: 'workers.latencyRate', unit: 'rows/s', cold: true, measure: lastOf('rate') },
  ]
}

function idle(seconds: number): Measured {
  return {
    figure: 'workers.idleCpu',
    unit: 'CPUs',
    goal: { value: 0.01, atMost: true },
    cold: true,
    measure: () => runProgram<number>('idle', [seconds, 2]),
  }
}

function memory(events: number): Measured {
  return {
    figure: 'workers.memoryGrowth',
    unit: 'ratio',
    goal: { value: 1.1, atMost: true },
    cold: true,
    measure: () => runProgram<number>('memory', [events, 2], ['--expose-gc']),
  }
}

const ratios: readonly Ratio[] = [
  { figure: 'workers.exchangeRatio', of: ['workers.exchange', 'workers.exchangeApart'], goal: { value: 0.7 } },
  {
    figure: 'workers.exchangePrunedRatio',
    of: ['workers.exchangePruned', 'workers.exchangePrunedApart'],
    goal: { value: 0.75 },
  },
  { figure: 'workers.objectsRatio', of: ['workers.objects', 'workers.objectsOne'], goal: { value: 1.6 } },
]
