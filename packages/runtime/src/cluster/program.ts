/** The module that a job's workers evaluate: while they do, its bundle lies on disk. */
import type { Bundle } from '../job-module/bundle.ts'
import type { JobModule } from '../job-module/evaluate.ts'
import { locateJob } from '../job-module/locate.ts'
import { currentMode } from '../mode.ts'

export interface Program {
  readonly module: JobModule
  remove(): void
}

/** The module that workers evaluate: the one that was named, else the running program's. */
export async function findProgram(job: URL | string | undefined): Promise<Program> {
  const running = currentMode()?.job
  if (job === undefined && running !== undefined) return { module: running, remove: () => {} }
  const file = locateJob(job)
  const { bundleJob } = await import('../job-module/bundle.ts')
  const bundle = await bundleJob(file)
  const remove = removeAtExit(bundle)
  return { module: { url: bundle.url, file, args: process.argv.slice(2) }, remove }
}

/** Those of jobs that run now: a process that ends before them leaves none behind. */
const bundles = new Set<Bundle>()

function removeAtExit(bundle: Bundle): () => void {
  if (bundles.size === 0) process.on('exit', removeAll)
  bundles.add(bundle)
  return () => {
    bundles.delete(bundle)
    if (bundles.size === 0) process.off('exit', removeAll)
    bundle.remove()
  }
}

function removeAll(): void {
  for (const bundle of bundles) bundle.remove()
}
