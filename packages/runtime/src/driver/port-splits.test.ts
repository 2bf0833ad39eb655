import { expect, test } from 'vitest'
import { PortSplits } from './port-splits.ts'
import type { Control } from './stream-event.ts'

const start = (split: number): Control => ({ kind: 'splitStart', split })
const end = (split: number): Control => ({ kind: 'splitEnd', split })

test('one split by two ports is two, told apart from every other', () => {
  const splits = new PortSplits(2)
  const numbers = [0, 1, 7].flatMap(split => [0, 1].map(port => splits.numberOf(port, split)))
  expect(new Set([...numbers, 0, 1]).size).toBe(8)
})

test('ports hold a split from before anything is said until their first begins, or they end', () => {
  const splits = new PortSplits(3)
  expect(splits.begin()).toEqual([start(0), start(1), start(2)])
  expect(splits.begun).toBe(true)
  expect(splits.translate(0, start(4))).toEqual([start(splits.numberOf(0, 4)), end(0)])
  expect(splits.translate(2, { kind: 'end' })).toEqual([end(2), { kind: 'end' }])
  expect(splits.translate(1, { kind: 'stopped' })).toEqual([{ kind: 'stopped' }])
})

test('the last open split of a port is held until the next begins', () => {
  const splits = new PortSplits(1)
  splits.begin()
  splits.translate(0, start(1))
  splits.translate(0, start(2))
  expect(splits.translate(0, end(1))).toEqual([end(splits.numberOf(0, 1))])
  expect(splits.translate(0, end(2))).toEqual([])
  expect(splits.translate(0, start(3))).toEqual([start(splits.numberOf(0, 3)), end(splits.numberOf(0, 2))])
  expect(splits.translate(0, end(3))).toEqual([])
  expect(splits.translate(0, { kind: 'end' })).toEqual([end(splits.numberOf(0, 3)), { kind: 'end' }])
})

test('the rest passes as it is', () => {
  const splits = new PortSplits(2)
  expect(splits.translate(1, { kind: 'caughtUp', split: 3 })).toEqual([
    { kind: 'caughtUp', split: splits.numberOf(1, 3) },
  ])
  for (const control of [
    { kind: 'idle' },
    { kind: 'watermark', time: 5 },
    { kind: 'epoch', epoch: 2, barrier: false },
  ] as Control[])
    expect(splits.translate(0, control)).toEqual([control])
})
