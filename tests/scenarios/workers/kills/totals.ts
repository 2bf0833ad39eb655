/** What has been killed so far, and in what it was killed. */
import type { KilledJob } from './killed-job.ts'

export class Totals {
  jobs = 0
  moments = 0
  wrong = 0
  #writing = 0
  #refused = 0
  readonly #stages = { starting: 0, recovering: 0, running: 0 }
  readonly #programs = new Set<string>()

  add({ program, deaths, refused, problem }: KilledJob): void {
    this.jobs++
    this.moments += deaths.length
    this.#refused += refused
    this.#programs.add(program)
    if (problem !== undefined) this.wrong++
    for (const { stage, writing } of deaths) {
      this.#stages[stage]++
      if (writing) this.#writing++
    }
  }

  text(): string {
    const { starting, recovering, running } = this.#stages
    const stages = `${running} while rows were read, ${recovering} in a recovery, ${starting} before the first row`
    const also = `${this.#writing} with a file of a checkpoint half written`
    const jobs = `${this.jobs} jobs of ${this.#programs.size} programs, ${this.wrong} wrong`
    return `${jobs}: killed at ${this.moments} moments (${stages}; ${also}), ${this.#refused} times other workers refused`
  }
}
