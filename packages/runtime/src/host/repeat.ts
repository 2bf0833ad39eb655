import type { Host } from './host.ts'

/** Calls back every so many milliseconds. Returns a function that ends it. */
export function repeat(host: Pick<Host, 'now' | 'timer'>, everyMs: number, act: () => void): () => void {
  let cancel = (): void => {}
  const again = (): void => {
    cancel = host.timer(host.now() + everyMs, () => {
      act()
      again()
    })
  }
  again()
  return () => cancel()
}
