/** An input fed by a channel: what is not taken stays in the channel, and its room is given back only when it is done with. */
import { expect, test } from 'vitest'
import type { ChannelReceiver } from '../channel/channel.ts'
import { RemotePort } from './remote-port.ts'
import type { StreamEvent } from './stream-event.ts'

function setting() {
  const log: string[] = []
  const events: { event: StreamEvent; split: number }[] = [1, 2].map(time => ({
    event: { kind: 'watermark', time },
    split: time * 10,
  }))
  const channel: ChannelReceiver = {
    get queued() {
      return events.length
    },
    receive: () => {
      log.push('receive')
      return events.shift()
    },
    release: () => void log.push('release'),
  }
  const vertex = {
    taking: true,
    accepts: () => vertex.taking,
    handle: (_: unknown, event: StreamEvent, split: number) =>
      void log.push(`${'time' in event ? event.time : ''} of ${split}`),
    stalled: () => {},
  }
  return { log, vertex, port: new RemotePort(vertex, 0, channel) }
}

test('events are handled in order, each given back after it was', () => {
  const { log, port } = setting()
  expect([port.remote, port.full, port.queued]).toEqual([true, false, 2])
  expect([port.pull(), port.queued, port.pull(), port.queued, port.pull()]).toEqual([true, 1, true, 0, false])
  expect(log).toEqual(['receive', '1 of 10', 'release', 'receive', '2 of 20', 'release', 'receive'])
})

test('what is not accepted is not even received', () => {
  const { log, port, vertex } = setting()
  vertex.taking = false
  expect([port.pull(), port.queued, log]).toEqual([false, 2, []])
})
