import { FrameError } from './frame-error.ts'

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Frames are used in place, so the machine must read numbers as they are written. */
export function requireLittleEndian(): void {
  if (!LITTLE_ENDIAN) throw new FrameError('frames need a little-endian machine')
}
