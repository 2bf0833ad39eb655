/** A user's keyed function run the slow way: plain objects, and timers found by looking at all of them. */
export type ProcessInput =
  | { readonly key: object; readonly row: unknown; readonly time: number | undefined }
  | { readonly watermark: number }

type UserCall = (input: never, context: never) => unknown

/** What comes out, by name of the side or ''. `state` makes the handles of a key not seen before. */
export function processTwin(
  inputs: readonly ProcessInput[],
  state: () => object,
  onElement: UserCall,
  onTimer: UserCall,
): { side: string; row: unknown; time: number | undefined }[] {
  const out: { side: string; row: unknown; time: number | undefined }[] = []
  const keys: { key: object; state: object; timers: number[] }[] = []
  let latest = Number.NEGATIVE_INFINITY
  const call = (at: number, fn: UserCall, input: unknown, time: number | undefined, until: number) => {
    const own = keys[at]
    const cancel = (t: number) => (own.timers = own.timers.filter(other => other !== t))
    const set = (t: number) => t <= until && !own.timers.includes(t) && own.timers.push(t)
    const emit = (row: unknown) => out.push({ side: '', row, time })
    const side = (name: string, row: unknown) => out.push({ side: name, row, time })
    fn(input as never, { key: own.key, state: own.state, timers: { at: set, cancel }, time, emit, side } as never)
  }
  for (const input of inputs) {
    if ('watermark' in input) {
      const until = input.watermark < Infinity ? Infinity : latest
      const due = () => keys.flatMap((k, at) => k.timers.filter(t => t <= input.watermark).map(time => ({ at, time })))
      for (let [first] = due().sort(byTime); first !== undefined; [first] = due().sort(byTime)) {
        keys[first.at].timers = keys[first.at].timers.filter(t => t !== first.time)
        call(first.at, onTimer, first.time, first.time, until)
      }
    } else {
      const known = keys.findIndex(k => JSON.stringify(k.key) === JSON.stringify(input.key))
      const at = known >= 0 ? known : keys.push({ key: input.key, state: state(), timers: [] }) - 1
      latest = Math.max(latest, input.time ?? latest)
      call(at, onElement, input.row, input.time, Infinity)
    }
  }
  return out
}

const byTime = (a: { time: number; at: number }, b: { time: number; at: number }) => a.time - b.time || a.at - b.at
