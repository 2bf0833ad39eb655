/**
 * The contract of sinks in jobs with checkpoints. At every moment what can be seen are the rows up to the last checkpoint that
 * was committed, or, where a sink keeps rows back, some of them, more as time goes by. Whatever crashes, and wherever: in
 * the end all rows are there, each once, and nothing else is.
 */
import type { CollectionKind } from '@millrace/plan'
import type { Json } from '@millrace/runtime'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { print } from './print.ts'
import type { SinkCase, SinkTarget } from './sink-case.ts'
import { recoverSink, type SinkCheckpoint, SinkRun } from './sink-run.ts'

/**
 * How a run ends too early: it fails, and its writers are aborted, behind what was committed or behind a checkpoint that is
 * complete and was not; it dies with a checkpoint that is not complete; with one that is complete, of which nothing, the first
 * handle, or everything was committed.
 */
const crashes = ['fails', 'fails uncommitted', 'incomplete', 'uncommitted', 'half committed', 'committed'] as const
type Crash = (typeof crashes)[number]

export function checkpointContract(given: SinkCase): void {
  describe('in a job with checkpoints', () => {
    if (given.immediate !== undefined) return immediate(given, given.immediate)
    rounds(given)
    recoveries(given)
  })
}

function immediate(given: SinkCase, reason: string): void {
  it('shows rows before they are committed, as it says', async () => {
    const { target, run } = await begin(given, 1)
    await run.write(given.rows)
    await run.checkpoint()
    expect(await target.rows(), `stale: ${reason}`).toEqual(given.rows)
    await run.close()
  })
  it('shows rows once only', context => context.skip(reason))
}

function rounds(given: SinkCase): void {
  it('shows the rows of a checkpoint when that is committed, and none before', async () => {
    for (const parallelism of await counts(given)) {
      const { target, run, see } = await begin(given, parallelism)
      let written = 0
      let keptBack = false
      for (const end of [2, 3, 5, given.rows.length - 1]) {
        await run.write(given.rows.slice(written, end))
        const { handles } = await run.checkpoint()
        written = end + 1 // what comes before the commit, and behind the barrier
        await run.write(given.rows.slice(end, written))
        await see()
        await target.sink.commit(handles)
        if ((await see(end)) < end) keptBack = true
      }
      expect(keptBack, 'whether it keeps rows back').toBe(given.keepsBack !== undefined)
      await run.write(given.rows.slice(written))
      await finish(given, target, run)
    }
  })
  it('may commit several checkpoints in one, or again', async () => {
    const { target, run, see } = await begin(given, 1)
    const first = await writeTo(given, run, 0, 2)
    const second = await writeTo(given, run, 2, 4)
    await target.sink.commit([...first.handles, ...second.handles])
    await see(4)
    await target.sink.commit(second.handles)
    await see(4)
    await run.write(given.rows.slice(4))
    await finish(given, target, run)
  })
  it('shows nothing where nothing was written', async () => {
    const { target, run } = await begin(given, 1)
    await target.sink.commit((await run.checkpoint()).handles)
    await target.sink.commit((await run.checkpoint(true)).handles)
    await run.close()
    expect(await target.rows()).toEqual([])
    expect(await target.leftovers()).toEqual([])
  })
}

function recoveries(given: SinkCase): void {
  it.each(crashes)('goes on from a checkpoint after a crash: %s', async crash => {
    for (const parallelism of await counts(given))
      for (const before of [1, 3]) {
        const job = await Job.begin(given, parallelism)
        await job.round(before, 'commits')
        await job.round(2, crash)
        await job.round(1, 'commits')
        await job.finish()
      }
  })
  it('goes on with other numbers of writers', async context => {
    const { sink } = await given.target()
    context.skip(sink.place !== 'workers', 'it has one writer')
    const job = await Job.begin(given, 1)
    for (const [parallelism, crash] of [
      [3, 'fails'],
      [2, 'uncommitted'],
      [3, 'incomplete'],
      [1, 'committed'],
    ] as const) {
      await job.round(1, 'commits')
      await job.round(1, crash, parallelism)
    }
    await job.finish()
  })
  it('shows a bounded result at its end, whatever happens before', async () => {
    for (const parallelism of await counts(given)) {
      const target = await given.target()
      const handles: Json[] = []
      let from: SinkCheckpoint | undefined
      for (const end of [2, 5, 6]) {
        if (from !== undefined) await recoverSink(target.another?.() ?? target.sink, JOB, from, false)
        const run = await start(given, target, parallelism, from, 'bounded')
        await run.write(given.rows.slice(from?.position ?? 0, end))
        const checkpoint = await run.checkpoint()
        handles.push(...checkpoint.handles)
        from = { ...checkpoint, handles: [...handles] }
        await run.write([given.rows[end]])
        await run.checkpoint()
        expect(await target.rows()).toEqual([])
      }
      await recoverSink(target.sink, JOB, from!, false)
      const run = await start(given, target, parallelism, from, 'bounded')
      await run.write(given.rows.slice(from!.position))
      const { handles: last } = await run.checkpoint(true)
      await target.sink.commit([...handles, ...last])
      await run.close()
      expect((await target.rows()).map(print).sort()).toEqual(given.rows.map(print).sort())
      expect(await target.leftovers()).toEqual([])
    }
  })
  it('loses and doubles nothing, whatever happens', async () => {
    const most = Math.max(...(await counts(given)))
    const round = fc.record({
      rows: fc.nat(3),
      how: fc.constantFrom('commits', 'commits', ...crashes),
      parallelism: fc.integer({ min: 1, max: most }),
    })
    const rounds = fc.array(round, { maxLength: 6 })
    const script = fc.tuple(fc.integer({ min: 1, max: most }), rounds)
    await fc.assert(
      fc.asyncProperty(script, async ([parallelism, steps]) => {
        const job = await Job.begin(given, parallelism)
        for (const step of steps) await job.round(step.rows, step.how, step.parallelism)
        await job.finish()
      }),
      { numRuns: 12 },
    )
  })
}

/** A job over the rows of the case, that is killed and goes on. */
class Job {
  readonly #given: SinkCase
  readonly #target: SinkTarget
  readonly #see: See
  #run: SinkRun
  #parallelism: number
  /** The newest complete checkpoint. */
  #complete: SinkCheckpoint | undefined
  #written = 0

  private constructor(given: SinkCase, started: Started, parallelism: number) {
    this.#given = given
    this.#target = started.target
    this.#see = started.see
    this.#run = started.run
    this.#parallelism = parallelism
  }

  static async begin(given: SinkCase, parallelism: number): Promise<Job> {
    return new Job(given, await begin(given, parallelism), parallelism)
  }

  /** Writes some rows and takes a checkpoint, or crashes and goes on. */
  async round(rows: number, how: Crash | 'commits', parallelism = this.#parallelism): Promise<void> {
    await this.#write(rows)
    if (how !== 'fails' && how !== 'incomplete') {
      this.#complete = await this.#run.checkpoint()
      await this.#see()
      const { handles, position } = this.#complete
      if (how === 'half committed') await this.#target.sink.commit(handles.slice(0, 1))
      else if (how === 'commits' || how === 'committed') {
        await this.#target.sink.commit(handles)
        await this.#see(position)
      }
    }
    if (how === 'commits') return
    await this.#write(1)
    if (how === 'fails' || how === 'fails uncommitted') await this.#run.abort()
    else await this.#run.checkpoint() // so that nothing is on its way to a disk any more
    await this.#recover(parallelism)
  }

  async finish(): Promise<void> {
    await this.#run.write(this.#given.rows.slice(this.#written))
    await finish(this.#given, this.#target, this.#run)
  }

  async #write(rows: number): Promise<void> {
    const end = Math.min(this.#written + rows, this.#given.rows.length)
    await this.#run.write(this.#given.rows.slice(this.#written, end))
    this.#written = end
  }

  async #recover(parallelism: number): Promise<void> {
    const from = this.#complete
    const { sink } = this.#target
    if (from === undefined) await sink.discard?.({ jobId: JOB, parallelism: this.#parallelism })
    else {
      await recoverSink(sink, JOB, from)
      await this.#see(from.position)
      await recoverSink(this.#target.another?.() ?? sink, JOB, from) // it crashed just then, and was started again
      await this.#see(from.position)
    }
    this.#run = await start(this.#given, this.#target, from === undefined ? this.#parallelism : parallelism, from)
    this.#parallelism = from === undefined ? this.#parallelism : parallelism
    this.#written = from?.position ?? 0
    await this.#see()
  }
}

const JOB = 'checkpointed'

/** Checks what can be seen, returns how many rows. @param committed up to here, just now */
type See = (committed?: number) => Promise<number>

interface Started {
  readonly target: SinkTarget
  readonly run: SinkRun
  readonly see: See
}

async function begin(given: SinkCase, parallelism: number): Promise<Started> {
  const target = await given.target()
  let committed = 0
  let before: readonly string[] = []
  const see: See = async (now = committed) => {
    committed = now
    const seen = (await target.rows()).map(print).sort()
    const all = given.rows.slice(0, committed).map(print).sort()
    if (given.keepsBack === undefined) expect(seen).toEqual(all)
    expect(without(seen, all), 'rows that were not committed').toEqual([])
    expect(without(before, seen), 'rows that could be seen and cannot any more').toEqual([])
    before = seen
    return seen.length
  }
  return { target, run: await start(given, target, parallelism), see }
}

/** Those of some rows that are not among others, each as often as it is missing. */
function without(rows: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return rows.filter(row => {
    const at = left.indexOf(row)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function start(
  given: SinkCase,
  target: SinkTarget,
  parallelism: number,
  from?: SinkCheckpoint,
  collection?: CollectionKind,
): Promise<SinkRun> {
  const sinkOf = () => target.another?.() ?? target.sink
  return SinkRun.begin(sinkOf, { schema: given.schema, jobId: JOB, parallelism, from, collection })
}

async function writeTo(given: SinkCase, run: SinkRun, from: number, to: number): Promise<SinkCheckpoint> {
  await run.write(given.rows.slice(from, to))
  return run.checkpoint()
}

async function finish(given: SinkCase, target: SinkTarget, run: SinkRun): Promise<void> {
  const { handles } = await run.checkpoint(true)
  await target.sink.commit(handles)
  await run.close()
  await target.sink.commit(handles)
  expect((await target.rows()).map(print).sort()).toEqual(given.rows.map(print).sort())
  expect(await target.leftovers()).toEqual([])
}

/** Of writers, to be tested. */
async function counts(given: SinkCase): Promise<readonly number[]> {
  const { sink } = await given.target()
  return sink.place === 'workers' ? [1, 3] : [1]
}
