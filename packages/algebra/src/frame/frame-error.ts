/** Bytes that are no frame, or not one of the schema expected. Nothing of them was used. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
  /** @param part the column, or what else of the frame it is about */
  constructor(problem: string, part?: string) {
    super(`invalid frame: ${problem}${part === undefined ? '' : ` in ${JSON.stringify(part)}`}`)
  }
}
