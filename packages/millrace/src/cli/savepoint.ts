/** `millrace savepoint`: asks the job that runs on a checkpoint folder for a savepoint, and prints where it is. */
import { join, resolve } from 'node:path'
import { type Duration, durationMs, MillraceError } from '@millrace/plan'
import {
  checkpointAt,
  copySavepoint,
  folderStorage,
  type Manifest,
  refuseExisting,
  requestSavepoint,
} from '@millrace/runtime/checkpoints'

export interface SavepointOptions {
  readonly stop?: boolean
  readonly to?: string
  readonly timeout?: string
}

export async function takeSavepoint(
  dir: string,
  { stop = false, to, timeout = '10m' }: SavepointOptions,
): Promise<void> {
  if (to !== undefined) await refuseExisting(resolve(to))
  const interrupted = new AbortController()
  const off = onSignals(signal => interrupted.abort(new MillraceError('CANCELLED', `stopped by ${signal}`)))
  try {
    const timeoutMs = durationMs('--timeout', timeout as Duration)
    const folder = await requestSavepoint(folderStorage(resolve(dir)), { stop, timeoutMs, signal: interrupted.signal })
    const path = join(resolve(dir), folder)
    const { manifest } = await checkpointAt(path)
    if (to !== undefined) await copySavepoint(path, resolve(to))
    for (const warning of unnamed(manifest)) process.stderr.write(`warning: ${warning}\n`)
    process.stdout.write(`${to === undefined ? path : resolve(to)}\n`)
  } finally {
    off()
  }
}

function onSignals(act: (signal: NodeJS.Signals) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, act)
  return () => {
    for (const signal of signals) process.off(signal, act)
  }
}

/** Operators whose state a changed program may not find again. */
function unnamed({ operators }: Manifest): string[] {
  return operators.flatMap(({ id, label, named, states, site }) => {
    if (named || !states.some(({ kind, rows }) => rows > 0 && kind !== 'cell')) return []
    const at = site === undefined ? '' : `${site}: `
    return [`${at}${id} (${label}) has state and no name: with .named('...') a changed program finds it again`]
  })
}
