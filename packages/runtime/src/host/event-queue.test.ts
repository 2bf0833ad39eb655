import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventQueue, type TimedEvent } from './event-queue.ts'

test('gives what a sorted list would', () => {
  const steps = fc.array(fc.option(fc.nat({ max: 5 })), { maxLength: 60 })
  const property = fc.property(steps, times => {
    const queue = new EventQueue<TimedEvent>()
    const twin: TimedEvent[] = []
    for (const [order, atMs] of times.entries()) {
      if (atMs === null) {
        twin.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
        expect(queue.take()).toBe(twin.shift())
      } else {
        const event = { atMs, order }
        queue.add(event)
        twin.push(event)
      }
      expect(queue.size).toBe(twin.length)
      expect(new Set(queue)).toEqual(new Set(twin))
    }
  })
  fc.assert(property, { numRuns: 200 })
})
