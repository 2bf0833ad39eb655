import type { Host } from '../host/host.ts'

/** Names one run of a job: 20 letters and digits, about 103 bits of chance. On a simulated Host chance repeats itself. */
export function newJobId(host: Host): string {
  const letters = () =>
    Math.floor(host.random() * 36 ** 10)
      .toString(36)
      .padStart(10, '0')
  return letters() + letters()
}
