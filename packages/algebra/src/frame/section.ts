import type { FrameWriter } from './frame-writer.ts'

/** Takes a section of a frame, enters offset and length at word `entry` of a table, and returns where it begins. */
export function section(out: FrameWriter, frame: number, entry: number, bytes: number): number {
  const begin = out.reserve(bytes)
  out.ints[entry] = begin - frame
  out.ints[entry + 1] = bytes
  return begin
}
