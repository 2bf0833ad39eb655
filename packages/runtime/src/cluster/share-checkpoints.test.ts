/** A share that takes checkpoints while the job begins and ends: what its sinks have prepared is told of in time. */
import { counter, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import { SimulatedHost } from '../host/simulated.ts'
import { onlySite } from '../lower/site.ts'
import type { Sink } from '../sink.ts'
import { planNodes } from './planned.ts'
import type { FromSite, SiteRestore } from './protocol.ts'
import { Share } from './share.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const record = { finished: true, watermark: 'Infinity', driver: null }

function shareOf(sink: Sink, storage: Pick<CheckpointStorage, 'write'>) {
  const said: FromSite[] = []
  const share = new Share({
    site: onlySite(planNodes([write(read(counter(20)), sink)], {})),
    host: new SimulatedHost(1),
    batchRows: 7,
    memory: 1e6,
    metricsMs: 1e6,
    storage: storage as CheckpointStorage,
    post: message => said.push(message),
  })
  const until = async (kind: FromSite['kind']): Promise<void> => {
    while (!said.some(message => message.kind === kind)) await turn()
  }
  const begin = (restore?: SiteRestore): void =>
    share.receive({ kind: 'begin', jobId: 'job', assignment: [[0, [{ id: '0', number: 0 }]]], restore })
  const epoch = { kind: 'epoch', epoch: 1, checkpoint: { id: 1, path: 'part', full: false, last: false } } as const
  return { share, said, until, begin, epoch }
}

/** A recorder that remembers something, so that there is a part to write. */
function remembering(prepared: string[] = []): Sink {
  const sink = recorder()
  return {
    ...sink,
    open: async context => ({
      ...(await sink.open(context)),
      ready: true,
      prepareCommit: async last => {
        await turn()
        prepared.push(`begin ${last}`)
        await turn()
        prepared.push(`end ${last}`)
        return [`${last}`]
      },
      snapshot: () => ({ meta: 'something', batch: null }),
    }),
  }
}

/** A storage that takes `part` only when it is told to. */
function slowPart() {
  let written: () => void = () => {}
  const slow = new Promise<void>(resolve => {
    written = resolve
  })
  const file = { path: 'part', bytes: 1, checksum: '00000000' }
  const write = async (path: string): Promise<typeof file> => {
    if (path === 'part') await slow
    return file
  }
  return { write, written: () => written() }
}

test('a part that is still being written when the job ends is told of before the end', async () => {
  const { write, written } = slowPart()
  const { share, said, until, begin, epoch } = shareOf(remembering(), { write })
  begin()
  await until('done')
  share.receive(epoch)
  share.receive({ kind: 'prepare', sinks: [1], path: 'last' })
  for (let i = 0; i < 50; i++) await turn()
  expect(said.map(({ kind }) => kind)).not.toContain('prepared')
  written()
  await until('prepared')
  expect(said.slice(-2)).toMatchObject([
    { kind: 'snapshot', handles: [[1, ['false']]] },
    { kind: 'prepared', handles: [[1, ['true']]] },
  ])
})

test('what was prepared for a checkpoint that was given up is told of before a later one', async () => {
  const { write, written } = slowPart()
  const { share, said, until, begin, epoch } = shareOf(remembering(), { write })
  begin()
  await until('done')
  share.receive(epoch)
  for (let i = 0; i < 50; i++) await turn()
  share.receive({ ...epoch, epoch: 2, checkpoint: { ...epoch.checkpoint, id: 2, path: 'later' } })
  await until('snapshot')
  const both = { kind: 'snapshot', id: 2, handles: [['false'], ['false']].map(handles => [1, handles]) }
  expect(said.at(-1)).toMatchObject(both)
  written()
  for (let i = 0; i < 50; i++) await turn()
  expect(said.at(-1)).toMatchObject({ kind: 'snapshot', id: 1, handles: [] })
})

test('a writer is asked for one thing after the other', async () => {
  const prepared: string[] = []
  const { share, until, begin, epoch } = shareOf(remembering(prepared), {
    write: async path => ({ path, bytes: 1, checksum: '00000000' }),
  })
  begin()
  await until('done')
  share.receive(epoch)
  share.receive({ kind: 'prepare', sinks: [1], path: 'last' })
  await until('prepared')
  expect(prepared).toEqual(['begin false', 'end false', 'begin true', 'end true'])
})

test('a sink that had ended before it was restored is asked when its writer is there', async () => {
  let open: () => void = () => {}
  const opening = new Promise<void>(resolve => {
    open = resolve
  })
  const sink = remembering()
  const slow: Sink = {
    ...sink,
    open: async context => {
      await opening
      return sink.open(context)
    },
  }
  const { share, said, until, begin, epoch } = shareOf(slow, {
    write: async path => ({ path, bytes: 1, checksum: '00000000' }),
  })
  const vertices = [0, 1].map(node => ({ node, id: `${node}`, record, formerly: 1 }))
  begin({ parts: [], folder: undefined, vertices, moved: false })
  share.receive(epoch)
  for (let i = 0; i < 50; i++) await turn()
  expect(said).toEqual([])
  open()
  await until('snapshot')
})

test.each(['checkpoint', 'end'])('a writer that fails at a %s fails the share, though all work is done', async at => {
  const sink = recorder()
  let asked = 0
  const failing: Sink = {
    ...sink,
    open: async context => ({
      ...(await sink.open(context)),
      ready: true,
      prepareCommit: async () => {
        if (asked++ === 0) throw new RangeError('no room')
        return []
      },
    }),
  }
  const { share, said, until, begin, epoch } = shareOf(failing, {
    write: async path => ({ path, bytes: 1, checksum: '00000000' }),
  })
  begin()
  await until('done')
  share.receive(epoch)
  if (at === 'end') share.receive({ kind: 'prepare', sinks: [1], path: 'last' })
  await until('failed')
  expect([asked, said.at(-1)]).toMatchObject([1, { error: { message: 'no room' } }])
})
