/** Which key a user's function is called for. */
import { MillraceError } from '@millrace/plan'

/** The key id that a user's function is called for; -1: no call is going on. */
export interface CurrentKey {
  id: number
}

/** The current key's id. Throws where a user's function goes on after its call, as one that is async does. */
export function insideCall(current: CurrentKey): number {
  if (current.id >= 0) return current.id
  throw new MillraceError('USER_FUNCTION', 'invalid use of a context: the call it was given to is over', {
    hint: 'onElement and onTimer are synchronous; look things up in an operator before them',
  })
}
