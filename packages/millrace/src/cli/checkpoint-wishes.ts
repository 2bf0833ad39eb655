/** From options of `millrace run` to what they ask of the program's jobs. */
import { resolve } from 'node:path'
import { type Duration, durationMs, MillraceError } from '@millrace/plan'
import type { CheckpointWishes, Mode } from '@millrace/runtime'
import { type CheckpointFlags, checkpointFlags } from './checkpoint-flags.ts'

/** As many as there are key groups. */
const MOST_WORKERS = 128

type FlagName = keyof typeof checkpointFlags

/** Takes those right behind the program's file away from the program's own arguments; `--` ends them. */
export function takeFlags(
  args: readonly string[],
  given: CheckpointFlags,
): { flags: CheckpointFlags; rest: readonly string[] } {
  const flags: Record<string, string | boolean | undefined> = { ...given }
  let at = 0
  while (at < args.length) {
    const [name, inline] = splitFlag(args[at])
    if (!Object.hasOwn(checkpointFlags, name)) break
    const [word] = checkpointFlags[name as FlagName]
    at++
    const value = word === '' ? true : (inline ?? args[at++])
    if (value === undefined) throw new MillraceError('INVALID_OPTION', `missing ${word} of ${name}`)
    flags[camelCase(name)] = value
  }
  if (args[at] === '--') at++
  return { flags, rest: args.slice(at) }
}

function splitFlag(arg: string): readonly [name: string, inline: string | undefined] {
  const at = arg.indexOf('=')
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)]
}

function camelCase(flag: string): string {
  return flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** What they ask of the program's jobs. Throws INVALID_OPTION for what is not understood. */
export function wishesOf(flags: CheckpointFlags): Pick<Mode, 'checkpoints' | 'parallelism'> {
  const { checkpoints: dir, checkpointEvery, from, allowOlderCheckpoint, allowDroppedState, parallelism } = flags
  const asked: CheckpointWishes = {
    ...(dir === undefined ? {} : { dir: pathOf('--checkpoints', dir) }),
    ...(checkpointEvery === undefined ? {} : { everyMs: everyMs(checkpointEvery) }),
    ...(from === undefined ? {} : { from: pathOf('--from', from) }),
    ...(allowOlderCheckpoint === true ? { allowOlder: true } : {}),
    ...(allowDroppedState === true ? { allowDropped: true } : {}),
  }
  return {
    ...(Object.keys(asked).length === 0 ? {} : { checkpoints: asked }),
    ...(parallelism === undefined ? {} : { parallelism: workersOf(parallelism) }),
  }
}

/** The current folder is written as a dot: nothing at all is most likely a variable that is not set. */
function pathOf(flag: FlagName, given: string): string {
  if (given !== '') return resolve(given)
  const [word] = checkpointFlags[flag]
  throw new MillraceError('INVALID_OPTION', `invalid ${flag}: ""`, { hint: `give a path: ${flag} ${word}` })
}

function everyMs(given: string): number {
  const ms = durationMs('--checkpoint-every', (/^\d+$/.test(given) ? Number(given) : given) as Duration)
  if (ms > 0) return ms
  throw new MillraceError('INVALID_OPTION', `invalid --checkpoint-every: ${given}`, { hint: 'give at least 1 ms' })
}

function workersOf(given: string): number {
  const workers = Number(given)
  if (/^\d+$/.test(given) && workers >= 1 && workers <= MOST_WORKERS) return workers
  throw new MillraceError('INVALID_OPTION', `invalid --parallelism: ${given}`, {
    hint: `give a whole number from 1 to ${MOST_WORKERS}`,
  })
}
