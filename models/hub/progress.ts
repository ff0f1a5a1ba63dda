/** How far a download is. */
export interface DownloadProgress {
  /** The file at hand. */
  readonly file: string
  /** Bytes that are there, over all files; less than before where some had to be dropped. */
  readonly done: number
  /** Bytes of all files. */
  readonly total: number
  /** Something that the user should know, such as why it waits. */
  readonly note?: string
}

/** Milliseconds between two events, but for notes and the last. */
const INTERVAL = 200

/** Takes reports of the work, however many, and gives them on as events, as often as one can read. */
export class Progress {
  readonly #notes: string[] = []
  #file = ""
  #finished = 0
  #current = 0
  #total = 0
  #dirty = false
  #ended = false
  #wake: () => void = () => undefined

  /** Sets the sum of all files. */
  total(bytes: number): void {
    this.#total = bytes
    this.#changed()
  }

  /** Begins a file. */
  begin(file: string): void {
    this.#file = file
    this.#current = 0
    this.#changed()
  }

  /** Sets how many bytes of the current file are there. */
  at(bytes: number): void {
    this.#current = bytes
    this.#changed()
  }

  /** Ends a file of `size` bytes, of which `expected` are in the total. */
  finish(size: number, expected: number): void {
    this.#total += size - expected
    this.#finished += size
    this.#current = 0
    this.#changed()
  }

  note(text: string): void {
    this.#notes.push(text)
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *events(): AsyncGenerator<DownloadProgress, void> {
    let last = -Infinity
    for (;;) {
      const note = this.#notes.shift()
      const wait = last + INTERVAL - performance.now()
      if (note !== undefined) {
        yield { ...this.#state(), note }
      } else if (this.#dirty && (this.#ended || wait <= 0)) {
        this.#dirty = false
        last = performance.now()
        yield this.#state()
      } else if (this.#ended) {
        return
      } else {
        await this.#woken(this.#dirty ? wait : undefined)
      }
    }
  }

  #state(): DownloadProgress {
    const done = this.#finished + this.#current
    // A file that is cut short in the cache is larger once it is fetched again.
    return { file: this.#file, done, total: Math.max(this.#total, done) }
  }

  #changed(): void {
    if (this.#dirty) return
    this.#dirty = true
    this.#wake()
  }

  /** Waits for a change, and no longer than so many milliseconds. */
  async #woken(most: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const timer = most === undefined ? undefined : setTimeout(resolve, most)
    await promise
    clearTimeout(timer)
  }
}
