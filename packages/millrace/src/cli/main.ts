/**
 * `millrace`: the command line.
 *
 * This file only knows the commands and their options; each command is a function in a file of its own. Whatever
 * goes wrong ends here as a message on standard error and exit code 1. What a command needs is loaded when it runs: a
 * program's first output waits for little else.
 */
import { Command, CommanderError } from 'commander'
import { checkpointFlags } from './checkpoint-flags.ts'
import type { CheckpointsOptions } from './checkpoints.ts'
import type { ExplainOptions } from './explain.ts'
import type { RunOptions } from './run.ts'
import type { SavepointOptions } from './savepoint.ts'
import { version } from './version.ts'

const examples = `
Examples:
  millrace run job.ts                     run a program; TypeScript needs no build
  millrace run job.ts --day 2001-01-05    what follows the file is the program's own: process.argv
  millrace explain job.ts                 show what the program would do, and read no data
  millrace explain job.ts --json          the same, for other programs
  millrace run job.ts --checkpoints state    a job that survives kill -9: run it again, and it goes on
  millrace checkpoints state              what is in its checkpoint folder
  millrace savepoint state --stop         stop it where it is, to go on some day, with other code or other workers

A program is a module that builds a pipeline and ends in run(), collect() or for await:

  import { count, environment, int32, max, text } from 'millrace'
  import { csv } from 'millrace/files'

  const flights = environment().dataset(csv('flights.csv', { origin: text, delay: int32 }))
  const airports = flights.groupBy('origin').aggregate({ departures: count(), worst: max('delay') })
  console.table(await airports.collect())

The first Ctrl-C stops the sources, finishes what was read and exits with 130; the second exits at once.
`

const runExamples = `
These options stand before the file or right behind it; the first that is none of them, or --, begins the program's own.

Examples:
  millrace run job.ts --checkpoints state --checkpoint-every 30s
  millrace run job.ts --checkpoints state --parallelism 4          go on with four workers
  millrace run job.ts --checkpoints other --from state/save-000012.3
`

const checkpointsExamples = `
Examples:
  millrace checkpoints state              all of them, a line each
  millrace checkpoints state 12           operators, states, sources and sinks of one
  millrace checkpoints state --json       the same, for other programs
`

const savepointExamples = `
A savepoint is a folder of its own that needs no other file, is never deleted, and may be copied.

Examples:
  millrace savepoint state                the job goes on
  millrace savepoint state --stop --to /backup/before-the-upgrade
  millrace run job.ts --checkpoints new --from /backup/before-the-upgrade
`

function program(): Command {
  const millrace = new Command('millrace')
    .description('Stateful stream and batch processing for TypeScript.')
    .usage('<command> [options]')
    .version(version(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .enablePositionalOptions()
    .addHelpText('after', examples)
  const run = millrace
    .command('run')
    .description('run a program')
    .argument('<job>', 'a .ts, .js, .mts or .mjs file')
    .argument('[args...]', "the program's own arguments")
  for (const [flag, [value, help]] of Object.entries(checkpointFlags))
    run.option(value === '' ? flag : `${flag} <${value}>`, help)
  run
    .addHelpText('after', runExamples)
    .option('--progress', 'show progress on standard error (default on a terminal)')
    .option('--no-progress', 'show none')
    .option('--check', 'freeze the rows that functions are given, to find one that changes them')
    .option('--stack', 'show the whole stack of an error')
    .passThroughOptions()
    .action(async (job: string, args: string[], options: RunOptions) => {
      const { runJob } = await import('./run.ts')
      await runJob(job, args, options)
    })
  millrace
    .command('explain')
    .description('show the plan of a program without running it')
    .argument('<job>', 'a .ts, .js, .mts or .mjs file')
    .argument('[args...]', "the program's own arguments")
    .option('--json', 'print JSON')
    .option('--stack', 'show the whole stack of an error')
    .passThroughOptions()
    .action(async (job: string, args: string[], options: ExplainOptions) => {
      const { explainJob } = await import('./explain.ts')
      await explainJob(job, args, options)
    })
  addCheckpointCommands(millrace)
  for (const command of [millrace, ...millrace.commands])
    command.exitOverride().configureOutput({ writeErr: () => undefined })
  return millrace
}

function addCheckpointCommands(millrace: Command): void {
  millrace
    .command('checkpoints')
    .description('show what is in a checkpoint folder')
    .argument('<dir>', 'the folder')
    .argument('[id]', 'one of them, in full')
    .option('--json', 'print JSON')
    .addHelpText('after', checkpointsExamples)
    .action(async (dir: string, id: string | undefined, options: CheckpointsOptions) => {
      const { showCheckpoints } = await import('./checkpoints.ts')
      await showCheckpoints(dir, id, options)
    })
  millrace
    .command('savepoint')
    .description('have a running job take a savepoint, and print where it is')
    .argument('<dir>', 'the checkpoint folder of the job')
    .option('--stop', 'stop the job behind it')
    .option('--to <PATH>', 'copy it there, where nothing may be yet')
    .option('--timeout <TIME>', 'how long it may take', '10m')
    .addHelpText('after', savepointExamples)
    .action(async (dir: string, options: SavepointOptions) => {
      const { takeSavepoint } = await import('./savepoint.ts')
      await takeSavepoint(dir, options)
    })
}

export async function main(argv: readonly string[]): Promise<void> {
  const millrace = program()
  try {
    if (argv.length === 0) millrace.outputHelp()
    else await millrace.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    process.exitCode = 1
    const { printError } = await import('./report.ts')
    const { usageError } = await import('./usage-error.ts')
    printError(error instanceof CommanderError ? usageError(error, millrace, argv) : error, false)
  }
}
