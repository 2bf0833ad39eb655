/** What each kind of fault does to a world. */
import type { SimulatedDisk, SimulatedProcess, Simulation } from '@millrace/runtime/inside'
import type { Case } from './case.ts'
import type { Fault } from './faults.ts'
import type { EntryFate } from './marked-storage.ts'

/** All that faults can lay their hands on. */
export interface Afflicted {
  readonly simulation: Simulation
  readonly disk: SimulatedDisk
  readonly process: SimulatedProcess | undefined
  readonly processNumber: number
  /** Numbers of processes that ran on when they had been replaced. */
  readonly lingering: Set<number>
  /** What fails when it is done next. */
  readonly fails: Set<string>
  /** Of the next entries of the journal. */
  readonly fates: EntryFate[]
  /** The clocks of the machine are ahead by so much. */
  aheadMs: number
  clockJumped: boolean
  readonly auditor: { readonly rotten: Set<string> }
  /** It was asked to stop: its end need not be that of the job. */
  stopped: boolean
  /** The process of now is at its end. */
  endProcess(): void
  pause(ms: number): Promise<void>
}

/** False: there is nothing now that this could happen to. */
export function bringAbout(fault: Fault, world: Afflicted, { disk }: Case): boolean {
  const { kind, lastsMs, whom } = fault
  const { process } = world
  if (process === undefined || process.gone) return false
  const { workers } = process
  const worker = Math.floor(whom * workers)
  switch (kind) {
    case 'process crashes':
      return crash(world)
    case 'worker crashes':
      return workers === 1 ? crash(world) : process.crashWorker(worker, lastsMs / 4, 0)
    case 'worker is lost and runs on':
      return workers === 1 ? crash(world) : process.crashWorker(worker, 0, lastsMs)
    case 'process is replaced and runs on':
      return replace(world, lastsMs + 600)
    case 'source fails':
      return fails(world, 'source')
    case 'write fails':
      return fails(world, 'write')
    case 'prepare fails':
      return fails(world, 'prepare')
    case 'commit fails':
      return fails(world, 'commit')
    case 'newest checkpoint rots':
      return rot(world, whom)
    case 'clock jumps':
      return jump(world, (whom - 0.4) * 100_000)
    case 'site stalls': {
      const { sites } = process
      sites[Math.floor(whom * sites.length)]!.busyUntilMs = world.simulation.nowMs + lastsMs
      return true
    }
    case 'job is stopped':
      world.stopped = true
      process.stop()
      return true
    case 'disk fails':
      return during(world, lastsMs, { failing: 0.4, failingReads: 0.15 }, { failing: 0, failingReads: 0 })
    case 'disk writes wrong':
      return during(world, lastsMs, { wrong: 0.5 }, { wrong: 0 })
    case 'journal does not answer':
      world.fates.push('unsaid', 'lost', 'lost')
      return true
    case 'disk is full':
      return during(
        world,
        lastsMs,
        { capacityBytes: world.disk.usedBytes + whom * 5000 },
        { capacityBytes: Number.POSITIVE_INFINITY },
      )
    case 'disk is slow':
      return during(world, lastsMs, { delayMs: 800 }, { delayMs: disk.delayMs! })
    case 'lists late':
      return during(world, lastsMs, { listedLateMs: 2000 }, { listedLateMs: disk.listedLateMs! })
  }
}

function crash(world: Afflicted): true {
  world.process!.crash()
  world.endProcess()
  return true
}

/** Another process takes its place, while it runs on. */
function replace(world: Afflicted, lingersMs: number): true {
  const process = world.process!
  world.lingering.add(world.processNumber)
  void world.pause(lingersMs).then(() => process.crash())
  // It may begin again by itself before it finds out.
  void world.pause(world.simulation.random() * lingersMs).then(() => process.crashWorker(0, 0, 0))
  world.endProcess()
  return true
}

function fails(world: Afflicted, what: string): true {
  world.fails.add(what)
  return true
}

function jump(world: Afflicted, byMs: number): true {
  world.clockJumped = true
  world.aheadMs += byMs
  for (const site of world.process!.sites) site.aheadMs = world.aheadMs
  return true
}

/** A file of the newest complete checkpoint is damaged; a crash makes that known. */
function rot(world: Afflicted, whom: number): boolean {
  const idOf = (path: string): number => Number(/^\w+-(\d+)/.exec(path)![1])
  const manifests = [...world.disk.files.keys()].filter(path => path.endsWith('/manifest'))
  const newest = manifests.sort((a, b) => idOf(a) - idOf(b)).at(-1)
  const folder = newest?.replace(/manifest$/, '')
  if (folder === undefined) return false
  const files = [...world.disk.files].filter(([path]) => path.startsWith(folder))
  const [path] = files[Math.floor(whom * files.length)]!
  world.disk.damage(path, world.simulation.sites[0]!)
  world.auditor.rotten.add(path)
  return crash(world)
}

function during(world: Afflicted, lastsMs: number, change: object, back: object): true {
  world.disk.change(change)
  void world.pause(lastsMs).then(() => world.disk.change(back))
  return true
}
