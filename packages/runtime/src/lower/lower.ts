/** From the logical plan to the physical one: rules by node kind, each node once, however many read it. */
import type { Schema } from '@millrace/algebra'
import {
  identify,
  inputsOf,
  MillraceError,
  type PlanNode,
  rejectedSchema,
  type SinkNode,
  type SourceNode,
} from '@millrace/plan'
import { chainSchema, type Step } from '../chain/step.ts'
import type { OperatorSpec } from '../operator.ts'
import { chainOperator } from '../operators/chain.ts'
import { distribute } from './distribute.ts'
import type { Edge, Flow, Identified, Lowering, LowerOptions, PhysicalNode, PhysicalPlan } from './flow.ts'
import { type Rule, rules } from './rules.ts'

export function lower(sinks: readonly SinkNode[], options: LowerOptions = {}): PhysicalPlan {
  return new PlanLowering(sinks, options).plan
}

class PlanLowering implements Lowering {
  readonly options: LowerOptions
  readonly plan: PhysicalNode[] = []
  readonly #flows = new Map<PlanNode, Flow>()
  /** The physical node that each became, whatever was chained behind it. */
  readonly #homes = new Map<PlanNode, number>()
  readonly #readers = new Map<PlanNode, number>()
  readonly #sides = new Map<PlanNode, Set<string>>()
  readonly #identities: ReadonlyMap<PlanNode, string>
  /** The node whose rule is at work. */
  #lowered: PlanNode | undefined
  readonly #taken = new Set<string>()

  constructor(sinks: readonly SinkNode[], options: LowerOptions) {
    this.options = options
    this.#identities = identify(sinks)
    const seen = new Set<PlanNode>()
    for (const sink of sinks) this.#count(sink, seen)
    for (const sink of sinks) {
      const input = this.settle(this.lower(sink.input))
      this.plan.push({ kind: 'sink', node: sink, input, ...this.#identified(sink) })
    }
  }

  /** How many read each node, and which side outputs are read. */
  #count(node: PlanNode, seen: Set<PlanNode>): void {
    if (seen.has(node)) return
    seen.add(node)
    if (node.kind === 'side') {
      const sides = this.#sides.get(node.input) ?? new Set()
      this.#sides.set(node.input, sides.add(node.side))
    }
    for (const input of inputsOf(node)) {
      this.#readers.set(input, (this.#readers.get(input) ?? 0) + 1)
      this.#count(input, seen)
    }
  }

  lower(node: PlanNode): Flow {
    const known = this.#flows.get(node)
    if (known !== undefined) return known
    const above = this.#lowered
    this.#lowered = node
    const rule = rules[node.kind] as Rule<PlanNode>
    let flow = rule(node, this)
    this.#lowered = above
    this.#homes.set(node, flow.edge.from)
    // Steps that several read are done once, in a chain of their own.
    if ((this.#readers.get(node) ?? 0) > 1 && flow.steps.length > 0) {
      const edge = this.settle(flow)
      flow = { edge, base: flow.schema, steps: [], schema: flow.schema }
    }
    this.#flows.set(node, flow)
    return flow
  }

  extend(flow: Flow, ...steps: Step[]): Flow {
    return { ...flow, steps: [...flow.steps, ...steps], schema: chainSchema(flow.schema, steps) }
  }

  settle(flow: Flow): Edge {
    if (flow.steps.length === 0) return flow.edge
    const { generate } = this.options
    const spec = chainOperator({
      schema: flow.base,
      steps: flow.steps,
      ...(generate === undefined ? {} : { generate }),
    })
    return this.operator(spec, flow.edge).edge
  }

  operator(spec: OperatorSpec, ...inputs: Edge[]): Flow {
    this.plan.push({ kind: 'operator', spec, inputs, ...this.#identified(this.#lowered, spec.role) })
    return this.#flowFrom(spec.outputs[0]!, 0)
  }

  source(node: SourceNode): Flow {
    this.plan.push({ kind: 'source', node, ...this.#identified(node) })
    return this.#flowFrom(node.schema, 0)
  }

  /** Chains hold nothing: theirs only have to differ. */
  #identified(node: PlanNode | undefined, role?: string): Identified {
    const base = node === undefined ? 'job' : this.#identities.get(node)!
    const whole = role === undefined ? base : `${base}:${role}`
    let id = whole
    for (let n = 2; this.#taken.has(id); n++) id = `${whole}:${n}`
    this.#taken.add(id)
    const { was, keyWas } = (node?.name === undefined ? undefined : this.options.formerNames?.get(node.name)) ?? {}
    const former = was === undefined || id !== whole ? {} : { was: role === undefined ? was : `${was}:${role}` }
    return { id, named: node?.name !== undefined, ...former, ...(keyWas === undefined ? {} : { keyWas }) }
  }

  isSpread({ from }: Edge): boolean {
    return distribute(this.plan)[from]!.place === 'workers'
  }

  #flowFrom(schema: Schema, port: number): Flow {
    return { edge: { from: this.plan.length - 1, port }, base: schema, steps: [], schema }
  }

  port(node: PlanNode, port: number): Flow {
    this.lower(node)
    const from = this.#homes.get(node)!
    const physical = this.plan[from]!
    const schema = physical.kind === 'operator' ? physical.spec.outputs[port] : rejectedSchema
    if (schema === undefined)
      throw new MillraceError('INTERNAL', `unknown port ${port} of ${node.kind}`, { site: node.site })
    return { edge: { from, port }, base: schema, steps: [], schema }
  }

  wants(node: PlanNode, side: string): boolean {
    return this.#sides.get(node)?.has(side) ?? false
  }
}
