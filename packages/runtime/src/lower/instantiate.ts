/** From the physical plan to a graph of vertices. */

import type { Graph } from '../driver/job.ts'
import { OperatorVertex } from '../driver/operator-vertex.ts'
import { SinkVertex } from '../driver/sink-vertex.ts'
import { SourceVertex } from '../driver/source-vertex.ts'
import type { Surroundings, Vertex } from '../driver/vertex.ts'
import type { JobEvent } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { Edge, PhysicalNode, PhysicalPlan } from './flow.ts'

export function instantiate(
  plan: PhysicalPlan,
  host: Host,
  report: (event: JobEvent) => void,
  surroundings: Surroundings,
): Graph {
  const graph = { sources: [] as SourceVertex[], operators: [] as OperatorVertex[], sinks: [] as SinkVertex[] }
  const vertices: Vertex[] = []
  for (const [id, physical] of plan.entries()) {
    const vertex = vertexOf(id, physical, host, report, surroundings)
    vertices.push(vertex)
    if (vertex instanceof SourceVertex) graph.sources.push(vertex)
    else if (vertex instanceof OperatorVertex) graph.operators.push(vertex)
    else graph.sinks.push(vertex)
    for (const [input, { from, port }] of edgesOf(physical).entries())
      vertices[from]!.outputs[port]!.push(vertex.inputs[input]!)
  }
  return graph
}

function vertexOf(
  id: number,
  physical: PhysicalNode,
  host: Host,
  report: (event: JobEvent) => void,
  surroundings: Surroundings,
): SourceVertex | OperatorVertex | SinkVertex {
  switch (physical.kind) {
    case 'source': {
      const source = new SourceVertex(id, physical.node, host, report, surroundings)
      source.outputs.push([], [])
      return source
    }
    case 'operator': {
      const operator = new OperatorVertex(id, physical.spec, host, surroundings)
      for (const _ of physical.spec.outputs) operator.outputs.push([])
      return operator
    }
    case 'sink':
      return new SinkVertex(id, physical.node, physical.node.schema, surroundings)
  }
}

function edgesOf(physical: PhysicalNode): readonly Edge[] {
  if (physical.kind === 'sink') return [physical.input]
  return physical.kind === 'operator' ? physical.inputs : []
}
