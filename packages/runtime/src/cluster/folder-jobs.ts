/** Which job of this process runs with a checkpoint folder: it belongs to one job alone. */
import { MillraceError } from '@millrace/plan'
import type { Manifest } from '../checkpoint/manifest.ts'

const taken = new Set<string>()

/** Takes the folder; returns what gives it back. Throws INVALID_ARGUMENT while another job has it. */
export function takeFolder(dir: string): () => void {
  if (taken.has(dir)) throw anothers(dir, "it is another running job's")
  taken.add(dir)
  return () => void taken.delete(dir)
}

/** A job that has finished leaves nothing to go on from, but to itself. Throws INVALID_ARGUMENT for another. */
export function refuseFinished(manifest: Manifest, fingerprint: string, dir: string): void {
  if (manifest.finished && manifest.fingerprint !== fingerprint) throw anothers(dir, 'another job has finished with it')
}

function anothers(dir: string, why: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `invalid folder of checkpoints: ${dir} (${why})`, {
    hint: 'a folder belongs to one job: give each an environment with a folder of its own, or run them as one with env.run([...])',
  })
}
