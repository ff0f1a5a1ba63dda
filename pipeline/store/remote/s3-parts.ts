import { Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"
import type { Multiparts, Part, Upload } from "./multipart-calls.ts"
import type { Answer, Ask } from "./s3-client.ts"
import { recordsIn } from "./xml.ts"

/** What the calls for parts need of a bucket. */
export interface Bucket {
  /** What each name has before it in the bucket. */
  readonly prefix: string
  /** Sends a request, and again where that may help. */
  readonly ask: (ask: Ask) => Effect.Effect<Answer, StoreError>
  readonly size: Multiparts["size"]
  readonly failed: Multiparts["failed"]
}

/** Who may not list or abort uploads, or whose server cannot, has none to go on with; one that is gone cannot be used either. */
const unable: ReadonlyArray<number> = [403, 404, 405, 501]

/** The calls for files in parts of a bucket of S3. */
export const partsIn = ({ prefix, ask, size, failed }: Bucket): Multiparts => {
  const unquoted = (etag: string | undefined): string => (etag ?? "").replaceAll(/^(?:W\/)?"|"$|&quot;/gu, "")

  return {
    size,
    failed,
    now: Effect.map(ask({ method: "HEAD", name: undefined }), (answer) => Date.parse(answer.header("date") ?? "")),
    uploads: Effect.fnUntraced(function*(below) {
      const all: Array<Upload> = []
      let markers: Record<string, string> = {}
      for (;;) {
        const query = { uploads: "", prefix: `${prefix}${below}`, ...markers }
        const answer = yield* ask({ method: "GET", name: undefined, query, also: unable, answersInXml: true })
        if (unable.includes(answer.status)) return all
        const { found, top } = recordsIn(answer.body, "Upload")
        for (const { Key = "", UploadId = "", Initiated = "" } of found) {
          if (Key.startsWith(prefix)) {
            all.push({ id: UploadId, name: Key.slice(prefix.length), began: Date.parse(Initiated) })
          }
        }
        const { IsTruncated, NextKeyMarker = "", NextUploadIdMarker = "" } = top
        if (IsTruncated !== "true" || NextKeyMarker === "") return all
        markers = { "key-marker": NextKeyMarker, "upload-id-marker": NextUploadIdMarker }
      }
    }),
    parts: Effect.fnUntraced(function*({ id, name }) {
      const all: Array<Part> = []
      let marker: Record<string, string> = {}
      for (;;) {
        const answer = yield* ask({
          method: "GET",
          name,
          query: { uploadId: id, ...marker },
          also: unable,
          answersInXml: true,
        })
        if (unable.includes(answer.status)) return undefined
        const { found, top } = recordsIn(answer.body, "Part")
        for (const { PartNumber, ETag, Size, LastModified = "" } of found) {
          all.push({
            number: Number(PartNumber),
            etag: unquoted(ETag),
            size: Number(Size),
            written: Date.parse(LastModified),
          })
        }
        if (top["IsTruncated"] !== "true" || found.length === 0) return all
        marker = { "part-number-marker": top["NextPartNumberMarker"] ?? String(all.at(-1)?.number) }
      }
    }),
    create: Effect.fnUntraced(function*(name) {
      const answer = yield* ask({ method: "POST", name, query: { uploads: "" }, answersInXml: true })
      const id = recordsIn(answer.body, "").top["UploadId"]
      if (id === undefined) return yield* failed(name, "the server begins no upload")
      return { id, name, began: Date.parse(answer.header("date") ?? "") }
    }),
    put: ({ id, name }, number, body, md5) =>
      Effect.map(
        ask({
          method: "PUT",
          name,
          query: { partNumber: String(number), uploadId: id },
          headers: { "content-md5": Buffer.from(md5, "hex").toString("base64") },
          body,
          also: [404],
        }),
        (answer) => (answer.status === 404 ? undefined : unquoted(answer.header("etag"))),
      ),
    complete: Effect.fnUntraced(function*({ id, name }, parts) {
      const listed = parts.map(({ number, etag }) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag></Part>`
      )
      const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${
        listed.join("")
      }</CompleteMultipartUpload>`
      const answer = yield* ask({
        method: "POST",
        name,
        query: { uploadId: id },
        headers: { "content-type": "application/xml" },
        body: new TextEncoder().encode(body),
        also: [404],
        answersInXml: true,
      })
      if (answer.status === 404) return undefined
      // A server may begin to answer that all is well before it knows.
      const { ETag, Code, Message } = recordsIn(answer.body, "").top
      if (ETag === undefined) {
        return yield* failed(
          name,
          `the server does not put the parts together: ${Message ?? Code ?? "it does not say why"}`,
        )
      }
      return unquoted(ETag)
    }),
    abort: ({ id, name }) => Effect.asVoid(ask({ method: "DELETE", name, query: { uploadId: id }, also: unable })),
  }
}
