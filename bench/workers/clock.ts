/** Microseconds by a clock that all threads share, with no meaningful zero. */
export function micros(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1e3
}
