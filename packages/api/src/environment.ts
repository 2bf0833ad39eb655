/** The environment: where collections come from and jobs run. */
import { type CallSite, MillraceError, type SourceNode, sideNode, sourceNode, streamNode } from '@millrace/plan'
import type { JobSummary, Rejected, Source } from '@millrace/runtime'
import { type DataSet, DataStream } from './collections.ts'
import { type EnvironmentOptions, scopeOf } from './environment-options.ts'
import type { Job, RunOptions } from './job.ts'
import { planned } from './planned.ts'
import type { Scope } from './scope.ts'
import { runJobs } from './sink-job.ts'

/**
 * An environment. Throws INVALID_OPTION for what it does not know.
 *
 * @example
 * const env = environment()
 * await env.dataset(fromRows([{ user: 'ann', amount: 3 }])).collect() // [{ user: 'ann', amount: 3 }]
 */
export function environment(options: EnvironmentOptions = {}): Environment {
  return planned('environment', () => new Environment(scopeOf(options)))
}

export class Environment {
  readonly #scope: Scope
  /** One node a source, so that what reads the same source reads it once a job. */
  readonly #sources = new WeakMap<Source, SourceNode>()

  /** Made by `environment()`. */
  constructor(scope: Scope) {
    this.#scope = scope
  }

  /**
   * What a source that ends holds.
   *
   * @example
   * env.dataset(csv('airports.csv', { iata: text, state: text }))
   */
  dataset<T>(source: Source<T, true>): DataSet<T> {
    return planned('dataset', site => {
      const node = this.#source(source, site)
      if (node.collection !== 'bounded')
        throw new MillraceError('WRONG_KIND', `invalid source of a dataset: ${node.source.label} never ends`, {
          hint: 'read it with env.stream(source)',
        })
      return new DataStream(this.#scope, node)
    })
  }

  /**
   * What a source gives, as it comes; of one that ends nobody downstream knows that it will.
   *
   * @example
   * env.stream(csv('flights.csv', { date: timestamp, delay: int32, origin: text }))
   */
  stream<T>(source: Source<T>): DataStream<T> {
    return planned('stream', site => {
      const node = this.#source(source, site)
      return new DataStream(this.#scope, node.collection === 'bounded' ? streamNode({ input: node, site }) : node)
    })
  }

  /**
   * The rows that a source with `onError: 'sideOutput'` could not read: where each is, what is wrong, its raw text.
   *
   * @example
   * const source = csv('flights.csv', { delay: int32 }, { onError: 'sideOutput' })
   * const job = env.stream(source).to(blackhole())
   * await env.run([job, env.rejected(source).to(stdout())])
   */
  rejected(source: Source): DataStream<Rejected> {
    return planned('rejected', site => {
      const node = this.#source(source, site)
      if (source.onError !== 'sideOutput')
        throw new MillraceError('INVALID_ARGUMENT', `missing side output of ${node.source.label}`, {
          hint: "give the source { onError: 'sideOutput' }",
        })
      const side = sideNode({ input: node, side: 'rejected', site })
      return new DataStream(this.#scope, side.collection === 'bounded' ? streamNode({ input: side, site }) : side)
    })
  }

  /**
   * Runs several jobs as one: sources and steps that they share are read and computed once, and the output of all is
   * put in place together at the end.
   *
   * @example
   * const byDay = flights.eventTime('date').keyBy('origin').window(tumbling('1d')).aggregate({ departures: count() })
   * await env.run([byDay.to(jsonLines('by-day.jsonl')), byDay.side('late').to(blackhole())])
   */
  run(jobs: readonly Job[], options: RunOptions = {}): Promise<JobSummary> {
    return runJobs(this.#scope, jobs, options)
  }

  #source(source: Source, site: CallSite | undefined): SourceNode {
    if (typeof source?.open !== 'function')
      throw new MillraceError('INVALID_ARGUMENT', `invalid source: ${String(source)}`, {
        hint: 'give what csv(...), jsonLines(...) or another connector returned',
      })
    const node = this.#sources.get(source) ?? sourceNode({ source, site })
    this.#sources.set(source, node)
    return node
  }
}
