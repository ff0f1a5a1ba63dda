import { Effect } from "effect"
import { hash } from "node:crypto"
import type { Multiparts, Part, Upload } from "../../pipeline/store/remote/multipart-calls.ts"
import { remoteError } from "../../pipeline/store/remote/remote.ts"

interface Running extends Upload {
  readonly parts: Map<number, Part & { readonly bytes: Buffer }>
}

/** A server in memory that keeps parts as S3 does. */
export class PartServer {
  readonly running = new Map<string, Running>()
  readonly objects = new Map<string, Buffer>()
  /** The numbers of the parts that were sent, in their order. */
  readonly sent: Array<number> = []
  /** The server's clock, in milliseconds. */
  time = 1_000_000
  /** How many bytes were on their way at the most. */
  most = 0
  /** What the server makes of the bytes of a part. */
  receive: (number: number, bytes: Buffer) => Buffer = (_, bytes) => bytes
  /** What it says of bytes. */
  etag: (bytes: Buffer) => string = (bytes) => hash("md5", bytes)
  /** Done before a part is kept. */
  before: (number: number) => Effect.Effect<void> = () => Effect.void
  #underway = 0
  #count = 0

  readonly calls: Multiparts = {
    uploads: (prefix) => Effect.sync(() => [...this.running.values()].filter(({ name }) => name.startsWith(prefix))),
    parts: ({ id }) =>
      Effect.sync(() => {
        const parts = this.running.get(id)?.parts
        return parts === undefined ? undefined : [...parts.values()]
      }),
    create: (name) => Effect.sync(() => this.begin(name)),
    put: ({ id }, number, bytes) =>
      Effect.gen({ self: this }, function*() {
        this.#underway += bytes.length
        this.most = Math.max(this.most, this.#underway)
        yield* Effect.yieldNow
        yield* this.before(number)
        this.#underway -= bytes.length
        const upload = this.running.get(id)
        if (upload === undefined) return undefined
        this.sent.push(number)
        return this.keep(upload, number, this.receive(number, Buffer.from(bytes)))
      }),
    complete: ({ id, name }, parts) =>
      Effect.sync(() => {
        const upload = this.running.get(id)
        if (upload === undefined) return undefined
        const bytes = parts.map(({ number }) => upload.parts.get(number)?.bytes ?? Buffer.alloc(0))
        this.objects.set(name, Buffer.concat(bytes))
        this.running.delete(id)
        const etags = parts.map(({ number }) => Buffer.from(upload.parts.get(number)?.etag ?? "", "hex"))
        return `${this.etag(Buffer.concat(etags))}-${parts.length}`
      }),
    abort: ({ id }) => Effect.sync(() => void this.running.delete(id)),
    size: (name) => Effect.sync(() => this.objects.get(name)?.length),
    now: Effect.sync(() => this.time),
    failed: (name, problem) => Effect.fail(remoteError("s3://bucket", name, "failed", problem, "run again")),
  }

  begin(name: string): Running {
    const upload: Running = { id: `upload-${++this.#count}`, name, began: this.time, parts: new Map() }
    this.running.set(upload.id, upload)
    return upload
  }

  keep(upload: Running, number: number, bytes: Buffer): string {
    const etag = this.etag(bytes)
    upload.parts.set(number, { number, etag, size: bytes.length, written: this.time, bytes })
    return etag
  }
}
