/** A user's keyed function run the slow way: plain objects, and timers found by looking at all of them. */
export type ProcessInput =
  | { readonly key: object; readonly row: unknown; readonly time: number | undefined }
  | { readonly watermark: number }

type UserCall = (input: never, context: never) => unknown
type Program = { readonly state: () => object; readonly onElement: UserCall; readonly onTimer: UserCall }
type Out = { side: string; row: unknown; time: number | undefined }
type Key = { readonly key: object; readonly state: object; timers: number[] }

/** What comes out, by name of the side or ''. `state` makes the handles of a key not seen before. */
export function processTwin(inputs: readonly ProcessInput[], { state, onElement, onTimer }: Program): Out[] {
  const out: Out[] = []
  const keys: Key[] = []
  let latest = -Infinity
  const call = (own: Key, fn: UserCall, input: unknown, time: number | undefined, until: number) => {
    const cancel = (t: number) => (own.timers = own.timers.filter(other => other !== t))
    const at = (t: number) => t <= until && !own.timers.includes(t) && own.timers.push(t)
    const side = (name: string, row: unknown) => out.push({ side: name, row, time })
    fn(input as never, { ...own, timers: { at, cancel }, time, emit: side.bind(null, ''), side } as never)
  }
  const next = (until: number) =>
    keys.flatMap(own => own.timers.filter(t => t <= until).map(time => ({ own, time }))).sort(byTime)[0]
  for (const input of inputs) {
    if ('key' in input) {
      let own = keys.find(k => JSON.stringify(k.key) === JSON.stringify(input.key))
      if (own === undefined) keys.push((own = { key: input.key, state: state(), timers: [] }))
      latest = Math.max(latest, input.time ?? latest)
      call(own, onElement, input.row, input.time, Infinity)
    } else {
      for (let due = next(input.watermark); due !== undefined; due = next(input.watermark)) {
        due.own.timers = due.own.timers.filter(t => t !== due.time)
        call(due.own, onTimer, due.time, due.time, input.watermark < Infinity ? Infinity : latest)
      }
    }
  }
  return out
}

const byTime = (a: { time: number }, b: { time: number }) => a.time - b.time
