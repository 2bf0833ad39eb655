/** A user's keyed function run the slow way: plain objects, and timers found by looking at all of them. */
export type ProcessInput =
  | { readonly key: object; readonly row: unknown; readonly time: number | undefined }
  | { readonly watermark: number }

type UserCall = (input: never, context: never) => unknown
type Timer = { readonly at: number; readonly time: number }

/** What comes out, by name of the side or ''. `state` makes the handles of a key not seen before. */
export function processTwin(
  inputs: readonly ProcessInput[],
  state: () => object,
  onElement: UserCall,
  onTimer: UserCall,
): { side: string; row: unknown; time: number | undefined }[] {
  const out: { side: string; row: unknown; time: number | undefined }[] = []
  const keys: { key: object; state: object; timers: number[] }[] = []
  let latest = -Infinity
  const call = (at: number, fn: UserCall, input: unknown, time: number | undefined, until: number) => {
    const own = keys[at]
    const cancel = (t: number) => (own.timers = own.timers.filter(other => other !== t))
    const set = (t: number) => t <= until && !own.timers.includes(t) && own.timers.push(t)
    const side = (name: string, row: unknown) => out.push({ side: name, row, time })
    const emit = (row: unknown) => side('', row)
    fn(input as never, { key: own.key, state: own.state, timers: { at: set, cancel }, time, emit, side } as never)
  }
  const next = (watermark: number): Timer | undefined => {
    const due = keys.flatMap((key, at) => key.timers.filter(t => t <= watermark).map(time => ({ at, time })))
    return due.sort((a, b) => a.time - b.time || a.at - b.at)[0]
  }
  for (const input of inputs) {
    if ('key' in input) {
      const known = keys.findIndex(k => JSON.stringify(k.key) === JSON.stringify(input.key))
      const at = known >= 0 ? known : keys.push({ key: input.key, state: state(), timers: [] }) - 1
      latest = Math.max(latest, input.time ?? latest)
      call(at, onElement, input.row, input.time, Infinity)
    } else {
      for (let due = next(input.watermark); due !== undefined; due = next(input.watermark)) {
        keys[due.at].timers = keys[due.at].timers.filter(t => t !== due!.time)
        call(due.at, onTimer, due.time, due.time, input.watermark < Infinity ? Infinity : latest)
      }
    }
  }
  return out
}
