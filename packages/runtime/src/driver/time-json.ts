/** Times as JSON has them: those that are infinite, and have no number there, as text. */
import type { Json } from '../source.ts'

export function timeJson(time: number): number | string {
  return Number.isFinite(time) ? time : String(time)
}

export function timeFrom(json: Json): number {
  return Number(json)
}
