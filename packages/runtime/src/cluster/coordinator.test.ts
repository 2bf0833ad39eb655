/** The coordinator alone, with sites that say what the test has them say. */
import { MillraceError } from '@millrace/plan'
import { counter, read, recorder, write } from '@millrace/testing/jobs'
import { describe, expect, test } from 'vitest'
import type { JobEvent } from '../events.ts'
import { SimulatedHost } from '../host/simulated.ts'
import { Coordinator } from './coordinator.ts'
import { planNodes } from './planned.ts'
import type { FromSite, SiteMetrics, ToSite } from './protocol.ts'

const metrics: SiteMetrics = {
  operators: [],
  busyMs: 0,
  idleMs: 0,
  backpressuredMs: 0,
  memory: { waiting: 0, kept: 0, queued: 0 },
}
const planned: FromSite = { kind: 'planned', fingerprint: 'f', plan: 'source\nsink' }
const done: FromSite = { kind: 'done', cut: [], metrics }

/** Two workers and the caller; each answers as a site would, but for what the test says it does. */
function cluster(answers: (site: number, message: ToSite) => FromSite | 'nothing' | undefined = () => undefined) {
  const sink = recorder()
  const events: JobEvent[] = []
  const said: [number, ToSite['kind']][] = []
  const messages: [number, ToSite][] = []
  const ended: number[] = []
  const source = { ...counter(10), splits: async () => ['a', 'b', 'c'].map(id => ({ id })) }
  const host = new SimulatedHost(1)
  const coordinator = new Coordinator({
    nodes: planNodes([write(read(source), sink)], {}),
    workers: 2,
    host,
    jobId: 'job',
    plan: 'source\nsink',
    fingerprint: 'f',
    ringBytes: 0,
    report: event => events.push(event),
  })
  const usual = (site: number, message: ToSite): FromSite | undefined => {
    switch (message.kind) {
      case 'begin':
        return done
      case 'prepare':
        return { kind: 'prepared', handles: site === 0 ? [[1, [{ from: site }]]] : [] }
      case 'leave':
        return { kind: 'left' }
      case 'cancel':
        if (said.some(([other, kind]) => other === site && kind === 'prepare')) return { kind: 'left' }
        return { kind: 'failed', error: new Error('told to') }
      default:
        return undefined
    }
  }
  const members = [0, 1, 2].map(site => ({
    post: (message: ToSite) => {
      said.push([site, message.kind])
      messages.push([site, message])
      const answer = answers(site, message) ?? usual(site, message)
      if (answer !== undefined && answer !== 'nothing') setImmediate(() => coordinator.receive(site, answer))
    },
    terminate: async () => void ended.push(site),
  }))
  const finished = coordinator.run(members)
  finished.catch(() => {})
  const announce = (...sites: number[]) => {
    for (const site of sites) coordinator.receive(site, planned)
  }
  const hears = (site: number, message: FromSite): void => coordinator.receive(site, message)
  return { coordinator, finished, announce, hears, sink, events, said, messages, ended, host }
}

const soon = () => new Promise(resolve => setTimeout(resolve, 20))

describe('a job', () => {
  test('goes from phase to phase when every site has said so, and commits what all have prepared', async () => {
    const { finished, announce, sink, events, said, ended } = cluster()
    announce(0, 1)
    await soon()
    expect(said).toEqual([])
    announce(2)
    await finished
    const kinds = said.map(([, kind]) => kind)
    expect(kinds).toEqual(['begin', 'begin', 'begin', ...Array(3).fill('prepare'), ...Array(3).fill('leave')])
    expect(sink.calls).toEqual(['commit'])
    expect(ended.sort()).toEqual([0, 1, 2])
    expect(events.map(event => event.kind)).toEqual(['started', 'committed', 'metrics', 'finished'])
  })

  test('tells its metrics when all sites have; while some have news, without the quiet ones', async () => {
    const { finished, announce, hears, events } = cluster((_, { kind }) => (kind === 'begin' ? 'nothing' : undefined))
    announce(0, 1, 2)
    await soon()
    const told = () => events.filter(event => event.kind === 'metrics').length
    const tells = (site: number, quiet: boolean): number => {
      hears(site, { kind: 'metrics', metrics, quiet })
      return told()
    }
    expect([tells(0, false), tells(1, false), tells(2, true)]).toEqual([0, 0, 1])
    expect([tells(0, false), tells(1, false)]).toEqual([1, 2]) // 2 is quiet
    expect([tells(2, true), tells(0, true), tells(1, true)]).toEqual([2, 2, 3])
    expect([tells(1, true), tells(2, true)]).toEqual([3, 3])
    expect([tells(1, false)]).toEqual([4])
    for (const site of [0, 1, 2]) hears(site, done)
    await finished
  })

  test('deals splits out in turn, numbered in the order of the source, to workers only', async () => {
    const { finished, announce, messages } = cluster()
    announce(0, 1, 2)
    await finished
    const begins = messages.flatMap(([, message]) => (message.kind === 'begin' ? [message] : []))
    expect(begins.map(({ assignment }) => assignment)).toEqual([
      [
        [
          0,
          [
            { number: 0, id: 'a' },
            { number: 2, id: 'c' },
          ],
        ],
      ],
      [[0, [{ number: 1, id: 'b' }]]],
      [],
    ])
    expect(new Set(begins.map(({ jobId }) => jobId))).toEqual(new Set(['job']))
  })

  test('has one epoch after another, however many sites ask for it', async () => {
    const { coordinator, finished, announce, messages } = cluster((_, { kind }) =>
      kind === 'begin' ? 'nothing' : undefined,
    )
    announce(0, 1, 2)
    await soon()
    for (const [site, after] of [
      [0, 0],
      [1, 0],
      [2, 1],
      [0, 0],
    ] as const)
      coordinator.receive(site, { kind: 'wantsEpoch', after })
    const epochs = messages.flatMap(([site, m]) => (m.kind === 'epoch' ? [[site, m.epoch]] : []))
    expect(epochs).toEqual([0, 1, 2].map(site => [site, 1]).concat([0, 1, 2].map(site => [site, 2])))
    for (const site of [0, 1, 2]) coordinator.receive(site, done)
    await finished
  })

  test('that was stopped before it began is stopped when it does', async () => {
    const { coordinator, finished, announce, said } = cluster()
    coordinator.stop()
    announce(0, 1, 2)
    await finished
    expect(said.slice(0, 6).map(([, kind]) => kind)).toEqual(['begin', 'begin', 'begin', 'stop', 'stop', 'stop'])
  })
})

describe('a failure', () => {
  test('of one site ends the others, and names the worker', async () => {
    const { finished, announce, sink, events, said } = cluster((site, { kind }) =>
      kind === 'begin'
        ? site === 1
          ? { kind: 'failed', error: new MillraceError('IO', 'gone') }
          : 'nothing'
        : undefined,
    )
    announce(0, 1, 2)
    await expect(finished).rejects.toMatchObject({ message: 'gone', details: { worker: 1 } })
    expect(said.slice(3)).toEqual([
      [0, 'cancel'],
      [2, 'cancel'],
    ])
    expect([sink.calls, events.map(e => e.kind)]).toEqual([[], ['started', 'failed']])
  })

  test('of a site that is gone has sinks discard what it left', async () => {
    const discarded: unknown[] = []
    const { coordinator, finished, announce, sink } = cluster((_, { kind }) =>
      kind === 'begin' ? 'nothing' : undefined,
    )
    sink.discard = async job => void discarded.push(job)
    announce(0, 1, 2)
    await soon()
    coordinator.lost(1, new Error('out of heap'))
    await expect(finished).rejects.toThrow('out of heap')
    expect(discarded).toEqual([{ jobId: 'job', parallelism: 1 }])
  })

  test('of a site that does not answer is not waited for for ever', async () => {
    const { coordinator, finished, announce, ended, host } = cluster((site, { kind }) =>
      kind === 'begin' || (kind === 'cancel' && site === 0) ? 'nothing' : undefined,
    )
    announce(0, 1, 2)
    await soon()
    coordinator.cancel(new Error('enough'))
    await soon()
    expect(ended).toEqual([])
    host.advance(60_000)
    await expect(finished).rejects.toThrow('enough')
    expect(ended.sort()).toEqual([0, 1, 2])
  })

  test('waits for the clean-up of the caller as long as it takes, and takes none of its writers for dead', async () => {
    const { coordinator, finished, announce, sink, ended, host } = cluster((site, { kind }) =>
      kind === 'begin' || (kind === 'cancel' && site === 2) ? 'nothing' : undefined,
    )
    let discarded = 0
    sink.discard = async () => void discarded++
    announce(0, 1, 2)
    await soon()
    coordinator.cancel(new Error('enough'))
    await soon()
    host.advance(60_000)
    await soon()
    expect(ended).toEqual([])
    coordinator.receive(2, { kind: 'failed', error: new Error('told to') })
    await expect(finished).rejects.toThrow('enough')
    expect([ended.sort(), discarded]).toEqual([[0, 1, 2], 0])
  })

  test('before all have planned waits for none of those that have not', async () => {
    const { coordinator, finished, announce, events } = cluster()
    announce(0)
    await soon()
    coordinator.cancel(new Error('enough'))
    await expect(finished).rejects.toThrow('enough')
    expect(events.map(e => e.kind)).toEqual(['cancelled'])
  })

  test('to come to the same plan shows the first difference', async () => {
    const { coordinator, finished } = cluster()
    coordinator.receive(1, { kind: 'planned', fingerprint: 'g', plan: 'source\n  filter\nsink' })
    await expect(finished).rejects.toMatchObject({
      code: 'PLAN_DIFFERS',
      message: 'invalid plan: worker 1 has "filter", not "sink"',
    })
  })

  test('of a function that finds something absent says that workers evaluate for themselves', async () => {
    const hintOf = async (cause: Error) => {
      const error = new MillraceError('USER_FUNCTION', cause.message, { cause })
      const { finished, announce } = cluster((site, { kind }) =>
        kind === 'begin' ? (site === 1 ? { kind: 'failed', error } : 'nothing') : undefined,
      )
      announce(0, 1, 2)
      return finished.catch(({ hint }: MillraceError) => hint)
    }
    expect(await hintOf(new ReferenceError('limit is not defined'))).toContain('each worker evaluates')
    expect(await hintOf(new TypeError("Cannot read properties of undefined (reading 'a')"))).toContain('each worker')
    expect(await hintOf(new TypeError('no amount'))).toBeUndefined()
    expect(await hintOf(new RangeError('undefined'))).toBeUndefined()
  })

  test('while output is put in place is no longer a cancelling', async () => {
    const { coordinator, finished, announce, sink, events } = cluster()
    sink.commit = async () => coordinator.cancel(new Error('enough'))
    announce(0, 1, 2)
    await finished
    expect(events.at(-1)!.kind).toBe('finished')
  })

  test('while committing leaves in place what is committed', async () => {
    const { finished, announce, sink, messages } = cluster()
    sink.commit = async () => {
      throw new Error('full disk')
    }
    announce(0, 1, 2)
    await expect(finished).rejects.toThrow('full disk')
    expect(messages.find(([, m]) => m.kind === 'cancel')![1]).toEqual({ kind: 'cancel', committed: [] })
  })
})

test('a site that fails while output is put in place keeps what it prepared until it is told what is', async () => {
  const { coordinator, finished, announce, sink, messages, ended } = cluster()
  sink.commit = async () => {
    coordinator.receive(0, { kind: 'failed', error: new Error('nobody caught it') })
    await soon()
    expect(ended).toEqual([])
  }
  announce(0, 1, 2)
  await expect(finished).rejects.toThrow('nobody caught it')
  const told = messages.filter(([site, { kind }]) => site === 0 && kind === 'cancel')
  expect(told).toEqual([[0, { kind: 'cancel', committed: [1] }]])
})

test('a bounded result that a stop cut short is not prepared', async () => {
  const { finished, announce, messages, sink } = cluster((site, { kind }) =>
    kind === 'begin' && site === 0 ? { ...done, cut: [1] } : undefined,
  )
  announce(0, 1, 2)
  await finished
  expect(messages.flatMap(([, m]) => (m.kind === 'prepare' ? [m.sinks] : []))).toEqual([[], [], []])
  expect(sink.calls).toEqual([])
})
