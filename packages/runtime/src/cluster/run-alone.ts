/** Runs a job on one site, in the caller's thread. */
import { fingerprint, type SinkNode } from '@millrace/plan'
import { newJobId } from '../driver/job-id.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { realHost } from '../host/real.ts'
import { onlySite } from '../lower/site.ts'
import { Coordinator, type Member } from './coordinator.ts'
import { DEFAULT_MEMORY } from './layout.ts'
import { planNodes } from './planned.ts'
import type { Attempt, Running } from './running.ts'
import { Share } from './share.ts'

export function runAlone(sinks: readonly SinkNode[], options: ExecuteOptions, attempt: Attempt): Running {
  const host = options.host ?? realHost
  const site = onlySite(planNodes(sinks, options))
  const { jobId = newJobId(host), checkpointing, report } = attempt
  // There is nobody to compare plans with; only a checkpoint's manifest has the fingerprint.
  const print = checkpointing === undefined ? '' : fingerprint(sinks)
  const coordinator = new Coordinator({
    nodes: site.nodes,
    workers: 1,
    host,
    jobId,
    plan: '',
    fingerprint: print,
    ringBytes: 0,
    checkpointing,
    report,
  })
  const share = new Share({
    site,
    host,
    batchRows: options.batchRows ?? 1024,
    memory: options.memory ?? DEFAULT_MEMORY,
    metricsMs: options.metricsMs ?? 200,
    state: options.state,
    storage: checkpointing?.storage,
    writing: () => coordinator.writing,
    post: message => coordinator.receive(0, message),
  })
  const member: Member = { post: message => share.receive(message), terminate: async () => {} }
  const finished = coordinator.run([member])
  share.announce(print, '')
  return { finished, cancel: reason => coordinator.cancel(reason), stop: () => coordinator.stop() }
}
