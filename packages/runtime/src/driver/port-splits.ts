/**
 * Splits below a vertex with several ports, for operators that make watermarks by split: behind an exchange the rows of one
 * split may come by each port, and what one port says of the split is true of that port only.
 *
 * So each (split, port) is a split of its own, with a number of its own. And no port is forgotten while nothing of it is
 * open: one that has not begun holds a split that gives no row; the last open one of a port is closed only when its next
 * begins, or the port has ended. Otherwise a watermark that follows from other ports could pass rows that are on their way.
 */
import type { Json } from '../source.ts'
import type { Control, SplitEvent } from './stream-event.ts'

interface Port {
  /** Splits that were started and not ended. */
  open: number
  /** One that has ended, or never was, and is not closed yet. */
  held: number | undefined
}

/** What is remembered across a checkpoint: each port's `open` and `held`. */
export interface PortSplitsRecord {
  readonly [name: string]: Json
  readonly begun: boolean
  readonly ports: readonly (readonly [open: number, held: number | null])[]
}

export class PortSplits {
  readonly #ports: readonly Port[]
  begun = false

  constructor(ports: number) {
    this.#ports = Array.from({ length: ports }, (_, port) => ({ open: 0, held: port }))
  }

  /** A split's number by one port. */
  numberOf(port: number, split: number): number {
    return (split + 1) * this.#ports.length + port
  }

  /** What is to be said before anything else: the splits of ports that have not begun. */
  begin(): readonly Control[] {
    this.begun = true
    return this.#ports.map((_, port) => ({ kind: 'splitStart', split: port }))
  }

  record(): PortSplitsRecord {
    return { begun: this.begun, ports: this.#ports.map(({ open, held }) => [open, held ?? null] as const) }
  }

  /** Splits that were open say so again when they are opened again. */
  restore({ begun, ports }: PortSplitsRecord): void {
    this.begun = begun
    for (const [i, [open, held]] of ports.entries()) {
      this.#ports[i].open = open
      this.#ports[i].held = held ?? undefined
    }
  }

  /** What an event of a port means. */
  translate(port: number, control: Control): readonly Control[] {
    switch (control.kind) {
      case 'splitStart':
      case 'splitEnd':
      case 'caughtUp':
        return this.#split(this.#ports[port], control.kind, this.numberOf(port, control.split))
      case 'end':
        return [...this.#close(this.#ports[port]), control]
      default:
        return [control]
    }
  }

  #split(port: Port, kind: SplitEvent, split: number): readonly Control[] {
    if (kind === 'caughtUp') return [{ kind, split }]
    if (kind === 'splitStart') {
      port.open++
      return [{ kind, split }, ...this.#close(port)]
    }
    port.open--
    if (port.open > 0) return [{ kind, split }]
    port.held = split
    return []
  }

  #close(port: Port): readonly Control[] {
    const { held } = port
    if (held === undefined) return []
    port.held = undefined
    return [{ kind: 'splitEnd', split: held }]
  }
}
