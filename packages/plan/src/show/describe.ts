/** What a node does, in one line: as `explain` prints it and as errors name it. */
import { print, printName } from '../expression/print.ts'
import type { AggregateCall, KeySpec, NodeOf, PlanNode, UserFunction, WindowSpec } from '../node.ts'
import type { StateSpec } from '../state-spec.ts'
import { durationText } from './duration-text.ts'

export function describe(node: PlanNode): string {
  switch (node.kind) {
    case 'source':
      return describeSource(node)
    case 'map':
    case 'filter':
    case 'flatMap':
      return `${node.kind} ${describeFunction(node.fn)}`
    case 'mapAsync':
      return describeAsync(node)
    case 'where':
      return `where ${print(node.predicate)}`
    case 'project':
      return `project ${node.columns.map(c => named(c.name, print(c.expression))).join(', ')}`
    case 'eventTime': {
      const { disorderMs, idleMs } = node.strategy
      const time = typeof node.time === 'function' ? describeFunction(node.time) : print(node.time)
      const idle = idleMs === undefined ? '' : `, idle after ${durationText(idleMs)}`
      return `eventTime ${time}, disorder ${durationText(disorderMs)}${idle}`
    }
    case 'aggregate': {
      const calls = node.aggregates.map(describeAggregate).join(', ')
      const groups = node.key === null ? 'all rows' : describeKey(node.key)
      return `aggregate ${groups}${inWindow(node.window)}${calls === '' ? '' : `: ${calls}`}`
    }
    case 'reduce':
    case 'windowProcess':
      return `${node.kind} ${describeFunction(node.fn)} ${describeKey(node.key)}${inWindow(node.window)}`
    case 'scan':
      return `scan ${describeFunction(node.fn)} ${describeKey(node.key)}`
    case 'process':
      return describeProcess(node)
    case 'connectBroadcast':
      return describeProcess(node)
    case 'join':
      return describeJoin(node)
    case 'distinct':
      return node.key === null ? 'distinct' : `distinct ${describeKey(node.key)}`
    case 'sort':
      return `sort by ${node.by.map(t => print(t.expression) + (t.descending ? ' DESC' : '')).join(', ')}`
    case 'limit':
      return `limit ${node.rows}`
    case 'side':
      return `side ${node.side}`
    case 'sink':
      return `sink ${node.sink.label}`
    case 'union':
    case 'stream':
    case 'rebalance':
      return node.kind
  }
}

function describeAsync({ fn, ordered, capacity, timeoutMs, retry }: NodeOf<'mapAsync'>): string {
  const again = retry.attempts === 1 ? '' : `, up to ${retry.attempts} attempts`
  const order = ordered ? 'ordered' : 'unordered'
  return `mapAsync ${describeFunction(fn)}, ${order}, ${capacity} at a time, within ${durationText(timeoutMs)}${again}`
}

/** Its name; without one its text, where that is short. */
export function describeFunction(fn: UserFunction): string {
  if (fn.name !== '') return fn.name
  const text = fn.toString()
  return text.length > 60 || /\n|\[native code\]/.test(text) ? 'anonymous' : text
}

function describeSource({ source, columns, predicates, schema }: NodeOf<'source'>): string {
  const all = source.schema.fields.length
  const some = columns.length < all ? ` (${columns.length} of ${all} columns)` : ''
  const reads = schema.bare ? '' : `: ${columns.map(printName).join(', ')}${some}`
  const where = predicates.length === 0 ? '' : `, where ${predicates.map(print).join(' AND ')}`
  return `source ${source.label}${reads}${where}`
}

function describeProcess(node: NodeOf<'process' | 'connectBroadcast'>): string {
  const state = Object.entries(node.state).map(([name, spec]) => `${name} (${describeState(spec)})`)
  const parts = [node.key === null ? node.kind : `${node.kind} ${describeKey(node.key)}`]
  if (state.length > 0) parts.push(`state ${state.join(', ')}`)
  if (node.onTimer !== undefined) parts.push('timers')
  if (Object.keys(node.sides).length > 0) parts.push(`sides ${Object.keys(node.sides).join(', ')}`)
  return parts.join('; ')
}

function describeState({ kind, ttl, version = 1 }: StateSpec): string {
  const parts: string[] = [kind]
  if (ttl !== undefined) parts.push(`for ${durationText(ttl.afterMs)} after ${ttl.refresh}`)
  if (version > 1) parts.push(`version ${version}`)
  return parts.join(', ')
}

function describeJoin({ how, strategy, leftKey, rightKey, select }: NodeOf<'join'>): string {
  const terms = (key: KeySpec) => (key.kind === 'columns' ? key.columns.map(printName) : [describeFunction(key.fn)])
  const right = terms(rightKey)
  const pairs = terms(leftKey).map((l, i) => `${l} = ${right[i]}`)
  const made = select === null ? '' : `, select ${describeFunction(select)}`
  const broadcast = strategy === 'broadcast' ? ', broadcast' : ''
  return `join ${how} on ${pairs.join(', ')}${made}${broadcast}`
}

function describeKey(key: KeySpec): string {
  return `by ${key.kind === 'columns' ? key.columns.map(printName).join(', ') : describeFunction(key.fn)}`
}

function inWindow(window: WindowSpec | null): string {
  if (window === null) return ''
  const { kind, sizeMs, slideMs, offsetMs } = window
  const every = kind === 'sliding' ? ` every ${durationText(slideMs)}` : ''
  const offset = offsetMs === 0 ? '' : ` offset ${durationText(offsetMs)}`
  return `, ${kind} ${durationText(sizeMs)}${every}${offset}`
}

function describeAggregate({ name, aggregate, argument }: AggregateCall): string {
  const of = argument === null ? '*' : print(argument)
  return named(name, typeof aggregate === 'string' ? `${aggregate.toUpperCase()}(${of})` : 'custom')
}

function named(name: string, value: string): string {
  const column = printName(name)
  return column === value ? column : `${column} = ${value}`
}
