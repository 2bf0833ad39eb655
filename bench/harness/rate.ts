/** The rates of a program, by engine and by hand, each in a process of its own that lives as long as the suite. */
import { MeasuringProcess } from './child-process.ts'
import type { Goal, Measured } from './figure.ts'
import type { Side } from './program.ts'

export function rates(name: string, events: number, goal: Goal): Measured[] {
  const checksums = new Map<Side, string | undefined>()
  const agree = (side: Side, checksum: string | undefined): void => {
    checksums.set(side, checksum)
    if (new Set(checksums.values()).size > 1)
      throw new Error(`invalid result of ${name}: ${[...checksums].map(([of, sum]) => `${of} ${sum}`).join(', ')}`)
  }
  const rate = (side: Side): Omit<Measured, 'figure'> => {
    const child = new MeasuringProcess(name, side, `${events}`)
    return {
      unit: 'rows/s',
      async measure() {
        const { value, checksum } = await child.measure()
        agree(side, checksum)
        return value
      },
      close: async () => child.end(),
    }
  }
  return [
    { figure: `core.${name}`, goal, ...rate('engine') },
    { figure: `loop.${name}`, ...rate('loop') },
  ]
}
