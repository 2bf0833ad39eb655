import type { CollectionKind } from '@millrace/plan'
import type { Json, SinkWriter } from '@millrace/runtime'
import { blackhole, type Sink } from 'millrace'

export interface ReportingSink<R> extends Sink<unknown, CollectionKind> {
  /** One of each writer, once the job has committed. */
  readonly reports: readonly R[]
  checksum(): string
}

/**
 * A blackhole whose writers, each on its worker, tell the caller something beside their checksum when all is written.
 *
 * @param report called in the writer's thread
 */
export function reportingBlackhole<R extends Json>(report: () => R): ReportingSink<R> {
  const inner = blackhole()
  const reports: R[] = []
  return {
    label: inner.label,
    takes: inner.takes,
    place: 'workers',
    reports,
    checksum: () => inner.checksum(),
    open: async context => new ReportingWriter(await inner.open(context), report),
    async commit(handles) {
      const isReport = (handle: Json): handle is { report: R } => Object.hasOwn(handle as object, 'report')
      reports.push(...handles.filter(isReport).map(handle => handle.report))
      await inner.commit(handles.filter(handle => !isReport(handle)))
    },
  }
}

class ReportingWriter implements SinkWriter {
  readonly ready = true
  readonly write: SinkWriter['write']
  readonly #inner: SinkWriter
  readonly #report: () => Json

  constructor(inner: SinkWriter, report: () => Json) {
    this.#inner = inner
    this.#report = report
    this.write = batch => inner.write(batch)
  }

  async prepareCommit(): Promise<readonly Json[]> {
    const report = this.#report()
    return [...(await this.#inner.prepareCommit()), { report }]
  }

  abort(): Promise<void> {
    return this.#inner.abort()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}
