/**
 * A plan whose functions are given frozen rows: what `--check` and `environment({ check: true })` ask for.
 *
 * The functions are wrapped where they stand in the plan, so that nothing else knows of it and it costs nothing where it
 * is off. Accumulators of custom aggregates may be changed: only the rows that are added are frozen. In code that is not
 * strict (no module has any) an assignment to something frozen does nothing, and is not found.
 */
import {
  type AggregateCall,
  describeFunction,
  type KeySpec,
  MillraceError,
  type PlanNode,
  rewrite,
  type SinkNode,
  type StateSpec,
  type UserFunction,
} from '@millrace/plan'
import { frozen, isChange } from '../rows/frozen.ts'

type Site = PlanNode['site']

/** The same plan; every parameter of a function that is a row, or folded from rows, is frozen before the call. */
export function checkedFunctions(sinks: readonly SinkNode[]): SinkNode[] {
  return rewrite(sinks, node => Object.freeze(checkedNode(node))) as SinkNode[]
}

function checkedNode(node: PlanNode): PlanNode {
  const { site } = node
  switch (node.kind) {
    case 'map':
    case 'filter':
    case 'flatMap':
      return { ...node, fn: checked(node.fn, site) }
    case 'mapAsync':
      return { ...node, fn: checkedAsync(node.fn, site) }
    case 'eventTime':
      return typeof node.time === 'function' ? { ...node, time: checked(node.time, site) } : node
    case 'reduce':
    case 'scan':
    case 'windowProcess':
      return { ...node, key: checkedKey(node.key, site), fn: checked(node.fn, site) }
    case 'process':
      return {
        ...node,
        key: checkedKey(node.key, site),
        onElement: checked(node.onElement, site),
        state: checkedStates(node.state, site),
      }
    case 'connectBroadcast':
      return {
        ...node,
        key: node.key === null ? null : checkedKey(node.key, site),
        onElement: checked(node.onElement, site),
        onBroadcast: checked(node.onBroadcast, site),
        state: checkedStates(node.state, site),
      }
    case 'aggregate': {
      const key = node.key === null ? null : checkedKey(node.key, site)
      return { ...node, key, aggregates: node.aggregates.map(call => checkedAggregate(call, site)) }
    }
    case 'join': {
      const select = node.select === null ? null : checked(node.select, site)
      return { ...node, leftKey: checkedKey(node.leftKey, site), rightKey: checkedKey(node.rightKey, site), select }
    }
    case 'distinct':
      return node.key === null ? node : { ...node, key: checkedKey(node.key, site) }
    default:
      return node
  }
}

function checkedKey(key: KeySpec, site: Site): KeySpec {
  return key.kind === 'function' ? { ...key, fn: checked(key.fn, site) } : key
}

/** What is folded into state may be a row, or in one; accumulators may be changed. */
function checkedStates(states: Readonly<Record<string, StateSpec>>, site: Site): Record<string, StateSpec> {
  const one = (spec: StateSpec) => (spec.kind === 'reducing' ? { ...spec, reduce: checked(spec.reduce, site) } : spec)
  return Object.fromEntries(Object.entries(states).map(([name, spec]) => [name, one(spec)]))
}

function checkedAggregate(call: AggregateCall, site: Site): AggregateCall {
  const { aggregate } = call
  if (typeof aggregate === 'string') return call
  const add = (accumulator: never, row: never) => attempt(() => aggregate.add(accumulator, frozen(row)), site)
  return { ...call, aggregate: { ...aggregate, add } }
}

/** The function under its own name: explain and errors show it. */
function checked(fn: UserFunction, site: Site): UserFunction {
  const call = (...parameters: never[]) => {
    for (const parameter of parameters) frozen(parameter)
    const result = attempt(() => fn(...parameters), site)
    return isGenerator(result) ? attempted(result, site) : result
  }
  return Object.defineProperty(call, 'name', { value: fn.name === '' ? describeFunction(fn) : fn.name })
}

/** Its row alone: beside it, it is given what is the engine's. */
function checkedAsync(fn: UserFunction, site: Site): UserFunction {
  const call = async (row: never, context: never) => {
    frozen(row)
    try {
      return await fn(row, context)
    } catch (error) {
      throw explained(error, site)
    }
  }
  return Object.defineProperty(call, 'name', { value: fn.name === '' ? describeFunction(fn) : fn.name })
}

function attempt<T>(call: () => T, site: Site): T {
  try {
    return call()
  } catch (error) {
    throw explained(error, site)
  }
}

function isGenerator(result: unknown): result is Iterator<unknown> & Iterable<unknown> {
  return typeof (result as Partial<Generator> | null | undefined)?.next === 'function'
}

/** A generator's body runs when its values are taken. */
function* attempted(values: Iterable<unknown>, site: Site): Generator<unknown> {
  try {
    yield* values
  } catch (error) {
    throw explained(error, site)
  }
}

function explained(error: unknown, site: Site): unknown {
  if (!isChange(error)) return error
  return new MillraceError('USER_FUNCTION', `invalid change of a row: ${error.message}`, {
    cause: error,
    site,
    hint: 'rows are values, which others see too: return a new one, as in { ...row, total: row.total + 1 }',
  })
}
