/**
 * A job that writes rows through a sink and is killed: by itself at a given step, or from outside. Its manifest is a file;
 * started again it goes on from that. Arguments: target, folder, seed, the step at which it dies (0: it does not).
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { recoverSink, type SinkCheckpoint, SinkRun } from '@millrace/testing/contracts/sink-run'
import { Random } from './random.ts'
import { ROWS, rowAt, schema, type TargetName, targets } from './targets.ts'

const [name, folder, seed, dies] = process.argv.slice(2) as [TargetName, string, string, string]
const manifest = `${folder}/manifest.json`
const { path, sink: make, writers } = targets[name]
const sink = make(`${folder}/${path}`)
const random = new Random(Number(seed))
let steps = 0

/** A moment at which the process may end. */
function step(): void {
  if (++steps === Number(dies)) process.kill(process.pid, 'SIGKILL')
}

async function complete(checkpoint: SinkCheckpoint): Promise<void> {
  step()
  writeFileSync(`${manifest}.new`, JSON.stringify(checkpoint))
  step()
  renameSync(`${manifest}.new`, manifest)
  for (const handle of checkpoint.handles) {
    step()
    await sink.commit([handle])
  }
  step()
}

const from = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as SinkCheckpoint) : undefined
if (from === undefined) await sink.discard?.({ jobId: 'killed', parallelism: writers })
else await recoverSink(sink, 'killed', from)
step()
const run = await SinkRun.begin(() => sink, { schema, jobId: 'killed', parallelism: writers, from })
process.stdout.write('begun\n')
for (let next = from?.position ?? 0; next < ROWS; ) {
  for (const end = Math.min(ROWS, next + random.below(60)); next < end; next++) {
    await run.write([rowAt(next, random.below(20_000))])
    step()
  }
  await complete(await run.checkpoint(next === ROWS))
}
await run.close()
process.stdout.write('done\n')
