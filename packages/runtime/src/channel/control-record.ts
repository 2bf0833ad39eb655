/** What a record says that holds no batch: its kind, and the one number that most of them carry. */
import { MillraceError } from '@millrace/plan'
import type { Control } from '../driver/stream-event.ts'

/** By the kind of their record, from 1; 0 is a batch. */
const kinds = [
  'watermark',
  'idle',
  'epoch',
  'splitStart',
  'splitEnd',
  'caughtUp',
  'end',
  'stopped',
] as const satisfies readonly Control['kind'][]

export function kindOf(control: Control): number {
  return kinds.indexOf(control.kind) + 1
}

export function numberOf(control: Control): number {
  switch (control.kind) {
    case 'watermark':
      return control.time
    case 'epoch':
      return control.epoch * 2 + (control.barrier ? 1 : 0)
    case 'splitStart':
    case 'splitEnd':
    case 'caughtUp':
      return control.split
    case 'idle':
    case 'end':
    case 'stopped':
      return 0
  }
}

export function controlFrom(kind: number, number: number): Control {
  const name = kinds[kind - 1]
  switch (name) {
    case 'watermark':
      return { kind: name, time: number }
    case 'epoch': {
      const epoch = Math.floor(number / 2)
      return { kind: name, epoch, barrier: number !== epoch * 2 }
    }
    case 'splitStart':
    case 'splitEnd':
    case 'caughtUp':
      return { kind: name, split: number }
    case 'idle':
    case 'end':
    case 'stopped':
      return { kind: name }
    default:
      throw new MillraceError('INTERNAL', `unknown event ${kind} in a channel`)
  }
}
