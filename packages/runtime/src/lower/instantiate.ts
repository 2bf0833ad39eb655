/** From the physical plan to a graph of vertices. */

import type { Graph } from '../driver/job.ts'
import { OperatorVertex } from '../driver/operator-vertex.ts'
import { SinkVertex } from '../driver/sink-vertex.ts'
import { SourceVertex } from '../driver/source-vertex.ts'
import type { Surroundings, Vertex } from '../driver/vertex.ts'
import type { JobEvent } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { Edge, PhysicalPlan } from './flow.ts'

export function instantiate(
  plan: PhysicalPlan,
  host: Host,
  report: (event: JobEvent) => void,
  surroundings: Surroundings,
): Graph {
  const graph = { sources: [] as SourceVertex[], operators: [] as OperatorVertex[], sinks: [] as SinkVertex[] }
  const vertices: Vertex[] = []
  plan.forEach((physical, id) => {
    const vertex = make()
    vertices.push(vertex)

    function make(): Vertex {
      if (physical.kind === 'source') {
        const source = new SourceVertex(id, physical.node, host, report, surroundings)
        source.outputs.push([], [])
        graph.sources.push(source)
        return source
      }
      if (physical.kind === 'operator') {
        const operator = new OperatorVertex(id, physical.spec, host, surroundings)
        operator.outputs.push(...physical.spec.outputs.map(() => []))
        graph.operators.push(operator)
        physical.inputs.forEach((edge, input) => connect(vertices, edge, operator, input))
        return operator
      }
      const sink = new SinkVertex(id, physical.node, physical.node.schema, surroundings)
      graph.sinks.push(sink)
      connect(vertices, physical.input, sink, 0)
      return sink
    }
  })
  return graph
}

function connect(vertices: readonly Vertex[], { from, port }: Edge, to: Vertex, input: number): void {
  vertices[from]!.outputs[port]!.push(to.inputs[input]!)
}
