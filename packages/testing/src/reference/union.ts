import type { SampleRow } from '../batches.ts'

/** The rows of all inputs. */
export function unionTwin(inputs: readonly (readonly SampleRow[])[]): SampleRow[] {
  return inputs.flat()
}
