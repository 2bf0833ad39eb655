/** A command line that cannot be understood, in the words of all our errors: what was given, what is known. */
import { type ErrorCode, MillraceError, suggestion } from '@millrace/plan'
import type { Command, CommanderError } from 'commander'

/** Commander's complaint in the words of all our errors. */
export function usageError(
  { code, message }: CommanderError,
  millrace: Command,
  argv: readonly string[],
): MillraceError {
  const given = /'([^']*)'/.exec(message)?.[1] ?? ''
  const command = millrace.commands.find(c => c.name() === argv[0]) ?? millrace
  if (code === 'commander.unknownOption')
    return unknown('INVALID_OPTION', 'option', given, [...command.options.map(option => option.long ?? ''), '--help'])
  if (code === 'commander.unknownCommand')
    return unknown('INVALID_ARGUMENT', 'command', given, [...millrace.commands.map(c => c.name()), 'help'])
  const hint = `millrace ${command.name()} --help`
  if (code === 'commander.missingArgument') return new MillraceError('INVALID_ARGUMENT', `missing ${given}`, { hint })
  return new MillraceError('INVALID_ARGUMENT', `invalid command line: ${message.replace(/^error: /, '')}`, { hint })
}

function unknown(code: ErrorCode, what: string, given: string, known: readonly string[]): MillraceError {
  const meant = /\.[cm]?[jt]s$/.test(given) ? `millrace run ${given}` : suggestion(given, known)
  return new MillraceError(code, `unknown ${what}: ${given} (known: ${known.join(', ')})`, {
    hint: meant === undefined ? undefined : `did you mean ${meant}?`,
  })
}
