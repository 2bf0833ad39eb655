import { type CallSite, MillraceError } from '@millrace/plan'

/** What a source or a sink threw, with its name and where the user wrote it; the cause keeps its own stack. */
export function connectorFailure(error: unknown, operator: string, site: CallSite | undefined): MillraceError {
  if (error instanceof MillraceError) return error.with({ operator, site })
  const message = error instanceof Error ? error.message : String(error)
  const fromSystem = error instanceof Error && 'syscall' in error
  return new MillraceError(fromSystem ? 'IO' : 'USER_FUNCTION', message, { operator, site, cause: error })
}
