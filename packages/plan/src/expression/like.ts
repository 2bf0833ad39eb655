/**
 * SQL's LIKE: `%` stands for any text, `_` for one code point, the character behind the escape `mark` for itself.
 *
 * A greedy walk that goes back to the last `%` only, so at most text times pattern steps; a regular expression made
 * of the pattern could take exponentially many.
 */
import { MillraceError } from '../error.ts'
import { shown } from './order.ts'

const anyText = Symbol('%')
const anyPoint = Symbol('_')
type Token = string | typeof anyText | typeof anyPoint

export function like(text: string, pattern: string, mark?: string): boolean {
  const tokens = tokensOf(pattern, mark)
  const points = Array.from(text)
  let at = 0
  let token = 0
  /** Where to resume: the token behind the last `%`, and how far that `%` reached. */
  let resume = -1
  let reached = 0
  while (at < points.length) {
    if (tokens[token] === anyText) {
      resume = ++token
      reached = at
    } else if (token < tokens.length && (tokens[token] === anyPoint || tokens[token] === points[at])) {
      token++
      at++
    } else if (resume >= 0) {
      token = resume
      at = ++reached
    } else return false
  }
  while (tokens[token] === anyText) token++
  return token === tokens.length
}

function tokensOf(pattern: string, mark: string | undefined): Token[] {
  const points = Array.from(pattern)
  if (mark !== undefined && Array.from(mark).length !== 1)
    throw new MillraceError('INVALID_VALUE', `invalid escape of LIKE: ${shown(mark)}`, { hint: 'give one character' })
  const tokens: Token[] = []
  for (let i = 0; i < points.length; i++) {
    const point = points[i]!
    if (point === mark) {
      if (++i === points.length)
        throw new MillraceError('INVALID_VALUE', `invalid pattern of LIKE: ${shown(pattern)}`, {
          hint: 'it ends with the escape character',
        })
      tokens.push(points[i]!)
    } else tokens.push(point === '%' ? anyText : point === '_' ? anyPoint : point)
  }
  return tokens
}
