/** What the contract suites drive of the runtime's inside. Programs and connectors use `index.ts`. */
export { InputPort } from './driver/input-port.ts'
export { OperatorVertex } from './driver/operator-vertex.ts'
export { isBatch, type StreamEvent } from './driver/stream-event.ts'
export { SimulatedHost } from './host/simulated.ts'
export { type InputSpec, type OperatorSpec, operatorSpec } from './operator.ts'
export type { StatePart } from './state/handle.ts'
export type { OperatorSnapshot } from './state/operator-state.ts'
