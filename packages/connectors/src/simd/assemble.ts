/**
 * A WebAssembly module of loops over numbers in one memory: JavaScript has no vectors, and checks each access to an array.
 *
 * An expression is its bytes, operands first, as a stack machine wants them (WebAssembly Core Specification 2.0, section
 * 5.4; vectors of four 32-bit integers: section 4.3.3). `instructions.ts` has the instructions.
 */
export type Code = readonly number[]

export interface Loop<Name extends string = string> {
  readonly name: Name
  /** 32-bit integers; the first locals. */
  readonly parameters: number
  /** The types of the other locals. */
  readonly locals: readonly number[]
  readonly body: Code
}

/** What is used of it; where there is no WebAssembly (`node --jitless`) there is no such global. */
interface WebAssemblyGlobal {
  validate(bytes: Uint8Array): boolean
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: unknown }
}
declare const WebAssembly: WebAssemblyGlobal | undefined

/** Types of locals. */
export const INTEGER = 0x7f
export const VECTOR = 0x7b

const PAGE_BYTES = 1 << 16

/** The bytes of a module that imports the memory `js.memory` and exports the loops by name. */
export function assemble(loops: readonly Loop[], memoryBytes: number): Uint8Array<ArrayBuffer> {
  const types = loops.map(({ parameters }) => [0x60, ...list(new Array<Code>(parameters).fill([INTEGER])), 0])
  const pages = [...unsigned(memoryBytes / PAGE_BYTES)]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text('js'), ...text('memory'), 2, 1, ...pages, ...pages]])),
    ...section(3, list(loops.map((_, i) => unsigned(i)))),
    ...section(7, list(loops.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, list(loops.map(functionBody))),
  ])
}

/** The loops, ready to be called; undefined where WebAssembly or its vectors are not to be had. */
export function instantiate<Name extends string>(
  loops: readonly Loop<Name>[],
  memoryBytes: number,
): { readonly memory: ArrayBuffer; readonly run: Readonly<Record<Name, (...args: number[]) => void>> } | undefined {
  if (typeof WebAssembly === 'undefined') return undefined
  const bytes = assemble(loops, memoryBytes)
  if (!WebAssembly.validate(bytes)) return undefined
  const pages = memoryBytes / PAGE_BYTES
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { js: { memory } })
  return { memory: memory.buffer, run: exports as Record<Name, () => void> }
}

function functionBody({ locals, body }: Loop): Code {
  return sized([...list(locals.map(type => [1, type])), ...body, 0x0b])
}

function section(id: number, content: Code): Code {
  return [id, ...sized(content)]
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function sized(content: Code): Code {
  return [...unsigned(content.length), ...content]
}

function text(name: string): Code {
  return sized([...Buffer.from(name)])
}

/** LEB128. */
export function unsigned(value: number): Code {
  const bytes: number[] = []
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
  return [...bytes, value]
}

/** LEB128 of a 32-bit integer. */
export function signed(value: number): Code {
  const bytes: number[] = []
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128)
  return [...bytes, value & 127]
}
