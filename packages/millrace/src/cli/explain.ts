/**
 * `millrace explain`: evaluates a program until its first job would run, and prints that job's plan, optimised.
 *
 * Jobs that start in the same turn are printed too. What the program does with a job's results is never reached.
 */
import { explain, MillraceError, optimise, type PlanNode, toJSON } from '@millrace/plan'
import { loadJob } from './load-job.ts'
import { printError } from './report.ts'

export interface ExplainOptions {
  readonly json?: boolean
  readonly stack?: boolean
}

export async function explainJob(job: string, args: readonly string[], options: ExplainOptions): Promise<void> {
  const plans: (readonly PlanNode[])[] = []
  const print = () => {
    const texts = options.json ? [JSON.stringify(plans.map(plan => toJSON(plan)))] : plans.map(plan => explain(plan))
    const text = texts.join('\n\n')
    process.stdout.write(`${text}\n`, () => process.exit(0))
  }
  process.once('exit', code => {
    if (plans.length > 0 || code !== 0) return
    process.exitCode = 1
    const hint = 'end the program in run(), collect() or for await'
    printError(new MillraceError('INVALID_ARGUMENT', `missing job: ${job} runs none`, { hint }), options.stack ?? false)
  })
  await loadJob(job, args, options, {
    explain: roots => {
      if (plans.push(optimise(roots)) === 1) setImmediate(print)
    },
  })
}
