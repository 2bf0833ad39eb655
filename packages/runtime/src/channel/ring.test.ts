import { Batch, Dictionary, DictionaryColumn, field, Int32Column, Schema } from '@millrace/algebra'
import { describe, expect, it } from 'vitest'
import { Ring, ringBytes } from './ring.ts'
import { RingReceiver } from './ring-receiver.ts'
import { RingSender } from './ring-sender.ts'

const schema = Schema.record([field('id', 'int32')])

function pair(slots = 4, slotBytes = 1024, of = schema) {
  const memory = { buffer: new ArrayBuffer(ringBytes(slots, slotBytes)), offset: 0 }
  const bells = { sender: 0, receiver: 0 }
  const shape = { memory, slots, slotBytes, schema: of }
  const sender = new RingSender({ ...shape, wake: () => bells.receiver++, label: 'a -> b' })
  const receiver = new RingReceiver({ ...shape, wake: () => bells.sender++ })
  /** The words of the first record. */
  const words = new Int32Array(memory.buffer, ringBytes(slots, slotBytes) - slots * slotBytes)
  return { sender, receiver, bells, words }
}

const ids = (rows: number) => new Batch(schema, [new Int32Column(new Int32Array(rows))], rows)

describe('a ring', () => {
  it('takes what it is said to take, in whole cache lines', () => {
    expect([ringBytes(2, 256), ringBytes(16, 1 << 17)]).toEqual([192 + 512, 192 + (1 << 21)])
    const memory = { buffer: new ArrayBuffer(ringBytes(3, 264)), offset: 0 }
    expect(memory.buffer.byteLength % 64).toBe(0)
    expect(() => new Ring({ memory, slots: 3, slotBytes: 264 })).not.toThrow()
    for (const [slots, slotBytes] of [
      [1, 512],
      [2.5, 256],
      [2, 248],
      [2, 260],
      [2, 256.5],
    ])
      expect(() => new Ring({ memory, slots, slotBytes })).toThrow(/^invalid slot/)
  })

  it('holds a watermark in 32 bytes, seen as soon as it is sent', () => {
    const { sender, receiver, bells } = pair()
    for (let time = 0; time < 96; time++) {
      sender.send({ kind: 'watermark', time }, 1)
      expect([bells.receiver, receiver.queued, sender.bytesSent]).toEqual([time + 1, time + 1, (time + 1) * 32])
    }
    expect(sender.waitingBytes).toBe(0)
    expect(receiver.receive()).toEqual({ event: { kind: 'watermark', time: 0 }, split: 1 })
  })

  it('is full from three quarters until a half, and says so once', () => {
    const { sender, receiver, bells } = pair(8, 512)
    let sent = 0
    for (; !sender.full; sent++) sender.send({ kind: 'idle' }, 0)
    expect([sent, sender.waitingBytes]).toEqual([97, 0])
    for (let received = 0; received < 32; received++) {
      expect([sender.full, bells.sender]).toEqual([true, 0])
      receiver.receive()
    }
    expect(bells.sender).toBe(0)
    receiver.receive()
    expect([bells.sender, sender.full]).toEqual([1, false])
    while (receiver.receive() !== undefined);
    expect(bells.sender).toBe(1)
  })

  it('keeps what finds no room, in order, and control events are never refused', () => {
    const { sender, receiver, bells } = pair(2, 256)
    for (let i = 0; i < 10; i++) {
      sender.send(ids(20), i)
      sender.send({ kind: 'epoch', epoch: i, barrier: false }, 0)
    }
    expect(sender.full).toBe(true)
    expect(sender.waitingBytes).toBeGreaterThan(1000)
    const splits: number[] = []
    for (let turn = 0; turn < 100; turn++) {
      const before = bells.sender
      for (let got = receiver.receive(); got !== undefined; got = receiver.receive()) {
        splits.push(got.event instanceof Batch ? got.split : -1)
        receiver.release()
      }
      const waiting = sender.waitingBytes > 0
      expect(sender.flush()).toBe(waiting)
      if (waiting) expect(bells.sender).toBeGreaterThan(before)
    }
    expect(splits).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? i / 2 : -1)))
    expect([sender.waitingBytes, sender.full, sender.flush()]).toEqual([0, false, false])
  })

  it('sends a dictionary once an epoch', () => {
    const text = Schema.bare('text')
    const { sender, receiver } = pair(4, 4096, text)
    const dictionary = new Dictionary(Array.from({ length: 100 }, (_, i) => `entry ${i}`))
    const batch = new Batch(
      text,
      [
        new DictionaryColumn(
          Int32Array.from({ length: 100 }, (_, i) => i),
          dictionary,
        ),
      ],
      100,
    )
    const send = (): [bytes: number, dictionary: Dictionary] => {
      const before = sender.bytesSent
      sender.send(batch, 0)
      const { event } = receiver.receive()!
      const column = (event as Batch).columns[0] as DictionaryColumn
      expect((event as Batch).row(99)).toBe('entry 99')
      receiver.release()
      return [sender.bytesSent - before, column.dictionary]
    }
    const [first, second] = [send(), send()]
    sender.send({ kind: 'epoch', epoch: 1, barrier: false }, 0)
    receiver.receive()
    const third = send()
    expect(second[0]).toBe(first[0] - 400 - 800)
    expect(third[0]).toBe(first[0])
    expect([second[1] === first[1], third[1] === first[1]]).toEqual([true, false])
  })
})

describe('a receiver refuses', () => {
  const damage = (word: number, value: number) => {
    const { sender, receiver, words } = pair()
    sender.send({ kind: 'watermark', time: 1 }, 0)
    words[word] = value
    return () => receiver.receive()
  }

  it('records that are out of order or damaged', () => {
    expect(damage(0, 1)).toThrow('invalid record 0 of a channel: it is damaged')
    expect(damage(2, 1024 - 32 + 1)).toThrow('invalid record 0')
    expect(damage(2, -8)).toThrow('invalid record 0')
    expect(damage(1, 99)).toThrow('unknown event 99 in a channel')
    expect(damage(2, 1024 - 32)).not.toThrow()
  })

  it('to lend twice', () => {
    const { sender, receiver } = pair()
    sender.send(ids(1), 0)
    sender.send(ids(1), 0)
    receiver.receive()
    expect(() => receiver.receive()).toThrow('the batch before was not released')
    receiver.release()
    receiver.release()
    expect([receiver.queued, receiver.receive()?.split]).toEqual([1, 0])
  })
})
