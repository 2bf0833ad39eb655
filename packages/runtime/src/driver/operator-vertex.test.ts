/** An operator's whole world: its context, its timers, its errors, its figures. */
import { AnyColumn, Batch, field, Int32Column, Schema, ValueError } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { site } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { SimulatedHost } from '../host/simulated.ts'
import { type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import { OperatorVertex } from './operator-vertex.ts'
import type { Control } from './stream-event.ts'

const schema = Schema.record([field('n', 'int32')])
const end: Control = { kind: 'end' }

function batchOf(...values: number[]): Batch {
  return new Batch(schema, [new Int32Column(Int32Array.from(values))], values.length)
}

interface World {
  readonly vertex: OperatorVertex
  readonly context: OperatorContext
  readonly host: SimulatedHost
  readonly stalls: () => number
}

function worldOf(make: (context: OperatorContext) => Operator, spec: Partial<OperatorSpec> = {}): World {
  let given: OperatorContext | undefined
  let stalls = 0
  const host = new SimulatedHost(1)
  const whole = operatorSpec({
    label: 'op',
    site,
    inputs: [{ schema }],
    outputs: [schema, schema],
    state: {},
    create: (_, context) => {
      given = context
      return make(context)
    },
    ...spec,
  })
  const vertex = new OperatorVertex(0, whole, host, { stalled: () => stalls++, blocked: () => {} })
  vertex.outputs.push([], [])
  return { vertex, context: given!, host, stalls: () => stalls }
}

describe('the context', () => {
  test('has one moment of processing time a call, whatever time passes in it, and never an earlier one', () => {
    const seen: number[] = []
    const look = (context: OperatorContext) => {
      seen.push(context.now)
      host.advance(5)
      seen.push(context.now)
    }
    const { vertex, host } = worldOf(context => ({
      process: () => look(context),
      onWatermark: () => {
        look(context)
        return true
      },
    }))
    const start = host.now()
    const [input] = vertex.inputs
    input!.push(batchOf(1), 0)
    input!.push(batchOf(1), 0)
    host.advance(100)
    input!.push({ kind: 'watermark', time: 9 }, 0)
    expect(seen.map(time => Math.floor(time - start))).toEqual([0, 0, 5, 5, 110, 110])
  })

  test('knows the split of the batch at hand, the watermark, and what was counted', () => {
    const seen: unknown[] = []
    const { vertex } = worldOf(context => ({
      process: () => {
        seen.push([context.split, context.watermark])
        context.count('late', 2)
        context.count('late', 3)
      },
    }))
    const [input] = vertex.inputs
    input!.push(batchOf(1), 4)
    input!.push({ kind: 'watermark', time: 9 }, 0)
    input!.push(batchOf(1), 5)
    expect(seen).toEqual([
      [4, Number.NEGATIVE_INFINITY],
      [5, 9],
    ])
    expect(vertex.counters).toEqual({ late: 10 })
  })

  test('sends on what is not empty, to the port and with the split it came from', () => {
    const sent: unknown[] = []
    const { vertex } = worldOf(context => ({
      process: batch => {
        context.emit(batch)
        context.emit(batch, 1)
        context.emit(batchOf(), 1)
      },
    }))
    const below = (name: string) => ({ push: (event: Batch, split: number) => sent.push([name, event.length, split]) })
    vertex.outputs[0]!.push(below('main') as never)
    vertex.outputs[1]!.push(below('side') as never, below('other') as never)
    vertex.inputs[0]!.push(batchOf(1, 2), 6)
    expect(sent).toEqual([
      ['main', 2, 6],
      ['side', 2, 6],
      ['other', 2, 6],
    ])
    expect([vertex.rowsIn, vertex.rowsOut]).toEqual([2, 4])
  })

  test('remembers the last watermark that the operator made, and whether it fell idle since', () => {
    const { vertex, context } = worldOf(() => ({ process() {} }), { makesWatermarks: true })
    expect([vertex.sentWatermark, vertex.sentIdle]).toEqual([Number.NEGATIVE_INFINITY, false])
    context.emitWatermark(5)
    context.emitIdle()
    expect([vertex.sentWatermark, vertex.sentIdle]).toEqual([5, true])
    context.emitWatermark(5)
    expect(vertex.sentIdle).toBe(false)
  })

  test('gives ids of a batch of any length', () => {
    const lengths: number[] = []
    const { vertex } = worldOf(
      context => ({ process: batch => lengths.push(new Set(context.ids.subarray(0, batch.length)).size) }),
      { inputs: [{ schema, key: { columns: [0], missing: 'insert' } }] },
    )
    for (const length of [3, 5000, 1025]) vertex.inputs[0]!.push(batchOf(...Array(length).keys()), 0)
    expect(lengths).toEqual([3, 5000, 1025])
  })
})

describe('timers', () => {
  const ticking = () => {
    const rung: number[] = []
    const world = worldOf(() => ({
      process() {},
      onTimer: timeMs => {
        rung.push(timeMs)
        return true
      },
    }))
    return { ...world, rung }
  }

  test('ring once, not before their time, and as a step of the vertex', () => {
    const { vertex, context, host, rung, stalls } = ticking()
    const set = host.now()
    context.timer(100)
    host.advance(99)
    expect([rung, stalls()]).toEqual([[], 0])
    host.advance(1)
    expect([rung, stalls(), vertex.pending]).toEqual([[], 1, true])
    expect(vertex.visit(1, () => 0)).toBe(true)
    expect(rung).toEqual([set + 100])
    host.advance(1000)
    expect(vertex.pending).toBe(false)
  })

  test('set again move', () => {
    const { vertex, context, host, rung } = ticking()
    context.timer(100)
    host.advance(50)
    context.timer(100)
    host.advance(99)
    expect(vertex.pending).toBe(false)
    host.advance(1)
    vertex.advance()
    expect(rung.length).toBe(1)
  })

  test('do not ring when the operator has ended or was let go', () => {
    for (const finish of [(v: OperatorVertex) => v.inputs[0]!.push(end, 0), (v: OperatorVertex) => v.dispose()]) {
      const { vertex, context, host, rung } = ticking()
      context.timer(100)
      finish(vertex)
      host.advance(1000)
      vertex.advance()
      expect(rung).toEqual([])
    }
  })
})

describe('errors', () => {
  const located = { details: { operator: 'op', site } }
  const failing = (error: unknown): Operator => {
    const fail = (): never => {
      throw error
    }
    return {
      process() {
        if (error !== undefined) fail()
      },
      onWatermark: fail,
      onEpoch: fail,
      onInputEnd: fail,
      onTimer: fail,
    }
  }

  test.each<[string, (world: World) => void]>([
    ['process', ({ vertex }) => vertex.inputs[0]!.push(batchOf(1), 0)],
    ['onWatermark', ({ vertex }) => vertex.inputs[0]!.push({ kind: 'watermark', time: 1 }, 0)],
    ['onEpoch', ({ vertex }) => vertex.inputs[0]!.push({ kind: 'epoch', epoch: 1, barrier: false }, 0)],
    ['onInputEnd', ({ vertex }) => vertex.inputs[0]!.push(end, 0)],
    [
      'onTimer',
      ({ vertex, context, host }) => {
        context.timer(1)
        host.advance(1)
        vertex.advance()
      },
    ],
  ])('of %s know the operator and the call site', (_, run) => {
    const thrown = (error: unknown) => {
      try {
        run(worldOf(() => failing(error)))
      } catch (caught) {
        return caught
      }
      return undefined
    }
    expect(thrown(new MillraceError('IO', 'torn'))).toMatchObject({ code: 'IO', message: 'torn', ...located })
    const value = new ValueError('k', 'x', 'int32')
    expect(thrown(value)).toMatchObject({ code: 'INVALID_VALUE', message: value.message, cause: value, ...located })
    const own = new RangeError('own')
    expect(thrown(own)).toBe(own)
    const known = new MillraceError('IO', 'torn', { operator: 'inner', site: { ...site, line: 99 } })
    expect(thrown(known)).toMatchObject({ details: { operator: 'inner', site: { line: 99 } } })
  })

  test('of a key that is none too', () => {
    const any = Schema.record([field('k', 'any')])
    const { vertex } = worldOf(() => ({ process() {} }), {
      inputs: [{ schema: any, key: { columns: [0], missing: 'insert' } }],
    })
    const batch = new Batch(any, [new AnyColumn([{}])], 1)
    expect(() => vertex.inputs[0]!.push(batch, 0)).toThrow(
      expect.objectContaining({ code: 'INVALID_KEY', details: expect.objectContaining(located.details) }),
    )
  })
})

test('one batch in sixteen is timed, and stands for the others', () => {
  let elapsed = 0
  const { vertex, host } = worldOf(() => ({ process: () => void (elapsed += 2) }))
  host.elapsed = () => elapsed
  for (let i = 1; i <= 33; i++) {
    vertex.inputs[0]!.push(batchOf(1), 0)
    expect(vertex.busyMs).toBe(2 * 16 * Math.ceil(i / 16))
  }
})

test('a visit goes so far and no further, and tells whether anything moved', () => {
  const seen: number[] = []
  const { vertex } = worldOf(() => ({ process: batch => void seen.push(batch.get(0, 0) as number) }), {
    inputs: [{ schema }, { schema }],
  })
  const [a, b] = vertex.inputs
  a!.aligned = 1 // waits for the epoch of the other
  for (const n of [1, 2, 3]) a!.push(batchOf(n), 0)
  expect(vertex.restless).toBe(true)
  expect([vertex.visit(16, () => 0), seen]).toEqual([false, []])
  a!.aligned = 0
  expect(vertex.visit(2, () => 0)).toBe(true)
  expect(seen).toEqual([1, 2])
  b!.aligned = 0
  vertex.inputs[1]!.aligned = 1
  b!.push(batchOf(9), 0)
  b!.aligned = 0
  expect(vertex.visit(1, count => count - 1)).toBe(true)
  expect(seen).toEqual([1, 2, 9])
  expect(vertex.visit(16, () => 0)).toBe(true)
  expect([seen.at(-1), vertex.restless, vertex.visit(16, () => 0)]).toEqual([3, false, false])
})

test('a step that is not done keeps what comes behind it waiting, and is tried again', () => {
  const log: string[] = []
  let left = 2
  const { vertex } = worldOf(() => ({
    process: () => void log.push('rows'),
    onWatermark: () => {
      log.push('step')
      return --left < 0
    },
  }))
  vertex.inputs[0]!.push({ kind: 'watermark', time: 1 }, 0)
  vertex.inputs[0]!.push(batchOf(1), 0)
  expect(log).toEqual(['step'])
  expect(vertex.visit(16, () => 0)).toBe(false)
  expect(vertex.visit(16, () => 0)).toBe(true)
  expect(log).toEqual(['step', 'step', 'step', 'rows'])
})

test('splits, epochs and ends reach the operator in the order they came', () => {
  const log: string[] = []
  const note = (name: string) => (n: number) => {
    log.push(`${name} ${n}`)
    return true
  }
  const { vertex } = worldOf(() => ({
    process: () => void log.push('rows'),
    onSplitStart: note('start'),
    onSplitEnd: note('end'),
    onCaughtUp: note('caughtUp'),
    onWatermark: note('watermark'),
    onEpoch: note('epoch'),
    onInputEnd: note('inputEnd'),
    onEnd: () => {
      log.push('over')
      return true
    },
  }))
  const sent: string[] = []
  const below = { push: (event: Control) => sent.push(event.kind) } as never
  vertex.outputs[1]!.push(below)
  vertex.splitOutputs.push(below)
  const [input] = vertex.inputs
  const events: Control[] = [
    { kind: 'splitStart', split: 1 },
    { kind: 'caughtUp', split: 1 },
    { kind: 'epoch', epoch: 4, barrier: false },
    { kind: 'splitEnd', split: 1 },
    { kind: 'watermark', time: 5 },
    end,
  ]
  for (const event of events) input!.push(event, 0)
  expect(log).toEqual([
    'start 1',
    'caughtUp 1',
    'epoch 4',
    'end 1',
    'watermark 5',
    'inputEnd 0',
    'watermark Infinity',
    `epoch ${Number.MAX_SAFE_INTEGER}`,
    'over',
  ])
  expect(sent).toEqual(['splitStart', 'caughtUp', 'epoch', 'splitEnd', 'watermark', 'watermark', 'end'])
  expect(vertex.ended).toBe(true)
})

test('keys that a step let go of are freed when it is done', () => {
  let left = 1
  const spec = operatorSpec({
    label: 'op',
    inputs: [{ schema, key: { columns: [0], missing: 'insert' } }],
    outputs: [schema],
    state: { held: { kind: 'keyedValues' } },
    create: ({ held }, context) => ({
      process: batch => {
        for (let i = 0; i < batch.length; i++) held.set(context.ids[i]!, 'held')
      },
      onWatermark: () => {
        for (const id of [...held.ids()]) held.set(id, undefined)
        return --left < 0
      },
    }),
  })
  const vertex = new OperatorVertex(0, spec, new SimulatedHost(1), { stalled: () => {}, blocked: () => {} })
  vertex.outputs.push([])
  vertex.inputs[0]!.push(batchOf(1, 2, 3), 0)
  expect(vertex.state.index!.size).toBe(3)
  vertex.inputs[0]!.push({ kind: 'watermark', time: 1 }, 0)
  expect(vertex.state.index!.size).toBe(3) // the step is not done, and may want them again
  vertex.advance()
  expect(vertex.state.index!.size).toBe(0)
})

describe('build inputs', () => {
  function building() {
    const log: string[] = []
    const world = worldOf(
      () => ({
        process: (batch, input) => void log.push(`${batch.get(0, 0)} of ${input}`),
        onInputEnd: input => {
          log.push(`end of ${input}`)
          return true
        },
      }),
      { inputs: [{ schema }, { schema, build: true }, { schema, build: true }] },
    )
    return { ...world, log, inputs: world.vertex.inputs }
  }

  test('are all read to their end before what the others gave is handed over', () => {
    const { vertex, log, inputs, stalls } = building()
    inputs[0]!.push(batchOf(1), 0)
    expect([inputs[0]!.queued, stalls()]).toEqual([1, 1])
    expect([vertex.takeIn(), stalls()]).toEqual([true, 2])
    expect([vertex.takeIn(), stalls()]).toEqual([false, 2])
    expect(vertex.visit(16, () => 0)).toBe(true)
    inputs[0]!.push(batchOf(2), 0)
    inputs[1]!.push(batchOf(8), 0)
    inputs[1]!.push(end, 0)
    inputs[0]!.push(batchOf(3), 0)
    inputs[2]!.push(batchOf(9), 0)
    expect(log).toEqual(['8 of 1', 'end of 1', '9 of 2'])
    expect(vertex.building).toEqual([inputs[2]])
    inputs[2]!.push(end, 0)
    expect(log.slice(3)).toEqual(['end of 2', '1 of 0'])
    expect([vertex.building, vertex.pending]).toEqual([[], false])
    inputs[0]!.push(batchOf(4), 0)
    inputs[0]!.push(end, 0)
    expect(log.slice(5)).toEqual(['4 of 0', 'end of 0'])
  })

  test('without any there is nothing to take in', () => {
    const { vertex, stalls } = worldOf(() => ({ process() {} }))
    expect([vertex.takeIn(), stalls()]).toEqual([false, 0])
  })
})
