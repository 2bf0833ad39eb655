/**
 * What a program of this suite says to the process that measures it. In workers' threads, which evaluate the program too,
 * there is nobody to talk to: they never get past the job.
 */
import { once } from 'node:events'
import { isMainThread } from 'node:worker_threads'

/** Everything is loaded: waits for leave to begin, so that two processes can begin at the same moment. */
export async function ready(): Promise<void> {
  if (!isMainThread || process.send === undefined) return
  process.send('ready')
  await once(process, 'message')
}

/** Gives the result, and lets the process end. */
export function tell(result: unknown): void {
  if (process.send === undefined) console.log(JSON.stringify(result))
  else process.send(result, () => process.disconnect())
}
