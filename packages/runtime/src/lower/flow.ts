/**
 * Physical plan: operators and what feeds them. Lowering turns each logical node into a *flow*: an output port of a
 * physical node, and steps over its rows that are not yet in any operator, so that they can join the next chain.
 */
import type { Schema } from '@millrace/algebra'
import type { PlanNode, SinkNode, SourceNode } from '@millrace/plan'
import type { Step } from '../chain/step.ts'
import type { OperatorSpec } from '../operator.ts'

export interface Edge {
  /** Index of the physical node. */
  readonly from: number
  readonly port: number
}

/** By what a restored job finds its states: the identity of the plan's node, and what it is of that node's if there are several. */
export interface Identified {
  readonly id: string
  /** The user gave the node its name. */
  readonly named: boolean
  /** Its identity before it had this name. */
  readonly was?: string
  /** What the columns of its key were called before. */
  readonly keyWas?: readonly string[]
}

/** What a node that has a name was called before. */
export type Former = Pick<Identified, 'was' | 'keyWas'>

export type PhysicalNode = Identified &
  (
    | { readonly kind: 'source'; readonly node: SourceNode }
    | { readonly kind: 'operator'; readonly spec: OperatorSpec; readonly inputs: readonly Edge[] }
    | { readonly kind: 'sink'; readonly node: SinkNode; readonly input: Edge }
  )

/** Physical nodes in an order in which each comes after its inputs. */
export type PhysicalPlan = readonly PhysicalNode[]

export interface Flow {
  readonly edge: Edge
  /** The schema at the edge. */
  readonly base: Schema
  /** Steps still to be done behind it, and the schema behind them. */
  readonly steps: readonly Step[]
  readonly schema: Schema
}

export interface LowerOptions {
  /** False: no generated code. */
  readonly generate?: boolean
  /** How many the job runs on; default 1. */
  readonly workers?: number
  /** By name. */
  readonly formerNames?: ReadonlyMap<string, Former>
}

/** What a rule of lowering may do. */
export interface Lowering {
  readonly options: LowerOptions
  lower(node: PlanNode): Flow
  /** The flow with these steps behind it. */
  extend(flow: Flow, ...steps: Step[]): Flow
  /** Puts waiting steps into a chain, so that the flow is an edge. */
  settle(flow: Flow): Edge
  /** Adds an operator; its main output is the flow. */
  operator(spec: OperatorSpec, ...inputs: Edge[]): Flow
  source(node: SourceNode): Flow
  /** Whether its rows are on every worker, not on one site. */
  isSpread(edge: Edge): boolean
  /** Another output port of the operator that a node became. */
  port(node: PlanNode, port: number): Flow
  /** Somebody reads this side output. */
  wants(node: PlanNode, side: string): boolean
}
