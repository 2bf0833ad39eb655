/** The compiler's language server, asked for completions over its standard input and output. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly result?: { readonly items?: readonly { readonly label: string }[] }
}

export class LanguageServer {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #received = Buffer.alloc(0)
  #next = 0

  constructor(compiler: string, folder: string) {
    this.#folder = folder
    this.#process = spawn(process.execPath, [compiler, '--lsp', '--stdio'], { cwd: folder })
    this.#process.stdout!.on('data', (data: Buffer) => this.#take(data))
  }

  async open(path: string, text: string): Promise<void> {
    const rootUri = pathToFileURL(this.#folder).href
    await this.#ask('initialize', { processId: process.pid, rootUri, capabilities: {} })
    this.#send({ method: 'initialized', params: {} })
    const textDocument = { uri: pathToFileURL(path).href, languageId: 'typescript', version: 1, text }
    this.#send({ method: 'textDocument/didOpen', params: { textDocument } })
  }

  /** What may stand at a position, line and character from 0. */
  async completions(path: string, line: number, character: number): Promise<string[]> {
    const textDocument = { uri: pathToFileURL(path).href }
    const { result } = await this.#ask('textDocument/completion', { textDocument, position: { line, character } })
    return (result?.items ?? []).map(({ label }) => label)
  }

  async close(): Promise<void> {
    const closed = once(this.#process, 'exit')
    this.#process.kill()
    await closed
  }

  #ask(method: string, params: object): Promise<Answer> {
    const id = ++this.#next
    this.#send({ id, method, params })
    return new Promise(resolve => this.#waiting.set(id, resolve))
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.#process.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }

  #take(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data])
    for (;;) {
      const header = this.#received.indexOf('\r\n\r\n')
      if (header < 0) return
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString('latin1', 0, header))![1])
      if (this.#received.length < header + 4 + length) return
      const answer: Answer = JSON.parse(this.#received.toString('utf8', header + 4, header + 4 + length))
      this.#received = this.#received.subarray(header + 4 + length)
      // A request of the server's own wants any answer.
      if (answer.method !== undefined && answer.id !== undefined) this.#send({ id: answer.id, result: null })
      else this.#waiting.get(answer.id ?? -1)?.(answer)
    }
  }
}
