/**
 * Runs of one job over a disk that fails: several at a time, as when one is taken for dead and is not; they crash at
 * any moment. The auditor knows only what runs were told, and what they had asked for.
 *
 * What must hold, with `acknowledged` a checkpoint whose `complete` has resolved:
 * 1. a run finds a checkpoint at least as new as every one acknowledged to runs before it, with the content it was given;
 * 2. it finds none that nobody tried to complete, nor one whose discarding was acknowledged, nor one of a later run;
 * 3. no two acknowledged ones have one id, and ids go up from run to run;
 * 4. pruning leaves what is retained whole.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Simulation } from '../host/simulation.ts'
import { type DiskOptions, SimulatedDisk } from '../simulation/simulated-disk.ts'
import { SimulatedStorage } from '../simulation/simulated-storage.ts'
import { openCheckpoints } from './checkpoints.ts'
import { decodeRecords } from './decode-part.ts'
import { encodePart } from './encode-part.ts'
import type { Checkpoints } from './library.ts'
import { listCheckpoints } from './list-checkpoints.ts'
import type { Manifest } from './manifest.ts'
import type { StoredFile } from './storage.ts'

interface Told {
  readonly fence: number
  readonly id: number
  readonly manifest: Manifest
}

class Audit {
  readonly asked: Told[] = []
  readonly acknowledged: Told[] = []
  readonly discarded = new Set<string>()
  readonly found: { readonly fence: number; readonly manifest: Manifest | undefined; readonly firstId: number }[] = []

  check(): void {
    const ids = this.acknowledged.map(({ id }) => id)
    expect(new Set(ids).size, 'an id twice').toBe(ids.length)
    for (const { fence, manifest, firstId } of this.found) {
      const before = this.acknowledged.filter(told => told.fence < fence)
      for (const told of before) {
        expect(manifest?.id ?? 0, `run ${fence} lost checkpoint ${told.id} of ${told.fence}`).toBeGreaterThanOrEqual(
          told.id,
        )
        expect(firstId, `run ${fence} reuses ids`).toBeGreaterThan(told.id)
      }
      if (manifest === undefined) continue
      expect(manifest.fence).toBeLessThan(fence)
      const asked = this.asked.find(told => told.id === manifest.id && told.fence === manifest.fence)
      expect(manifest, `run ${fence} found what nobody wrote`).toEqual(asked?.manifest)
      expect(this.discarded.has(`${manifest.id}.${manifest.fence}`), 'a discarded one').toBe(false)
    }
  }
}

function manifestOf(run: Checkpoints, id: number, files: readonly StoredFile[]): Manifest {
  const counts = { id, fence: run.fence, epoch: id, atMs: 1, tookMs: 1, workers: 1, keyGroups: 128 }
  const format = { format: 'millrace checkpoint', version: 1, kind: 'checkpoint', finished: false } as const
  return { ...format, ...counts, jobId: 'job', fingerprint: 'f', operators: [], parts: [files] }
}

const partOf = (id: number): Iterable<Uint8Array> =>
  encodePart([{ operator: 'o', subtask: 0, state: 's', group: 0, change: false, meta: id, batch: null }])

/** What one run does until it is overtaken, fails for good, or crashes. */
async function live(storage: SimulatedStorage, simulation: Simulation, site: number, audit: Audit): Promise<void> {
  const host = simulation.sites[site]
  const happens = (chance: number): boolean => host.random() < chance
  const run = await openCheckpoints(storage, { host, jobId: `site ${site}`, keyGroups: 128 })
  const restored = await run.newest()
  audit.found.push({ fence: run.fence, manifest: restored, firstId: run.nextId() })
  let base: readonly StoredFile[] = restored?.parts[0] ?? []
  for (let i = 0; i < 8; i++) {
    const id = run.nextId()
    try {
      const file = await storage.write(run.partPath(id, 0), partOf(id))
      const manifest = manifestOf(run, id, happens(0.4) ? [...base, file] : [file])
      audit.asked.push({ fence: run.fence, id, manifest })
      await run.complete(manifest)
      audit.acknowledged.push({ fence: run.fence, id, manifest })
      base = manifest.parts[0]
    } catch (error) {
      if (!goesOn(error)) return
      if (happens(0.7)) await run.discard(id).then(() => audit.discarded.add(`${id}.${run.fence}`), ignore)
    }
    if (happens(0.5)) await run.prune(1 + Math.floor(host.random() * 2)).catch(ignore)
  }
}

const goesOn = (error: unknown): boolean => {
  const { code } = error as { code?: string }
  if (code !== 'CHECKPOINT_FAILED' && code !== 'IO' && code !== 'CHECKPOINT_FENCED') throw error
  return code !== 'CHECKPOINT_FENCED'
}

const ignore = (error: unknown): void => {
  goesOn(error)
}

/** A run in a process that may crash. */
async function process(disk: SimulatedDisk, simulation: Simulation, site: number, audit: Audit): Promise<void> {
  const host = simulation.sites[site]
  for (let lives = 0; lives < 4; lives++) {
    const storage = new SimulatedStorage(disk, host)
    const run = live(storage, simulation, site, audit).catch(error => {
      goesOn(error)
    })
    const crash = new Promise<void>(resolve => host.timer(host.now() + host.random() * 400, resolve))
    await (host.random() < 0.3 ? run : Promise.race([run, crash]))
    storage.crash()
  }
}

async function simulate(seed: number, options: DiskOptions, processes: number): Promise<void> {
  const simulation = new Simulation(seed, processes + 1)
  const disk = new SimulatedDisk(options)
  const audit = new Audit()
  const all = Array.from({ length: processes }, (_, site) => process(disk, simulation, site, audit))
  await simulation.run(Promise.all(all), () => `seed ${seed}`)
  audit.check()
  await simulation.run(atLast(new SimulatedDisk(), disk, simulation, audit), () => `seed ${seed}, at last`)
  audit.check()
}

/** One more run, on the same files and a disk that does not fail. */
async function atLast(
  healthy: SimulatedDisk,
  disk: SimulatedDisk,
  simulation: Simulation,
  audit: Audit,
): Promise<void> {
  const host = simulation.sites.at(-1)!
  for (const [path, bytes] of disk.files) healthy.put(path, bytes, host)
  const storage = new SimulatedStorage(healthy, host)
  const run = await openCheckpoints(storage, { host, jobId: 'last' })
  const newest = await run.newest()
  audit.found.push({ fence: run.fence, manifest: newest, firstId: run.nextId() })
  if (newest === undefined) return
  for (const { path } of newest.parts[0])
    for (const { meta } of decodeRecords((await storage.read(path))!, path))
      expect(path).toContain(String(meta).padStart(6, '0'))
  await run.prune(1)
  expect(await run.newest()).toEqual(newest)
  const left = await listCheckpoints(storage)
  expect(left.map(({ id, complete, damage }) => [id, complete, damage])).toEqual([[newest.id, true, undefined]])
  expect(left[0].files).toEqual(newest.parts[0])
}

describe('over a simulated disk', () => {
  it.each<[string, DiskOptions, number]>([
    ['that is healthy, one run after the other', {}, 1],
    ['that is healthy, runs overtake one another', {}, 3],
    ['whose writes fail', { failing: 0.1 }, 2],
    ['where everything fails, and lists are late', { failing: 0.15, failingReads: 0.05, listedLateMs: 400 }, 3],
    ['that is nearly full', { capacityBytes: 6000, failing: 0.02 }, 2],
  ])('%s', async (_, options, processes) => {
    const property = fc.asyncProperty(fc.nat(), seed => simulate(seed, options, processes))
    await fc.assert(property, { numRuns: 150 })
  })

  it('that keeps wrong bytes: nothing is acknowledged that cannot be restored', async () => {
    const property = fc.asyncProperty(fc.nat(), async seed => {
      await simulate(seed, { wrong: 0.05, failing: 0.05 }, 1).catch(error => {
        // an entry of the journal that is wrong, and none behind it: nobody knows what it said
        if (error.code !== 'CHECKPOINT_DAMAGED') throw error
      })
    })
    await fc.assert(property, { numRuns: 150 })
  })
})
