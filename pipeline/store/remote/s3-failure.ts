import { visible } from "../../base/visible.ts"
import type { RemoteTrouble } from "./remote.ts"
import { recordsIn } from "./xml.ts"

/** What an answer of S3 means that is none of success. */
export type Failure =
  | { readonly _tag: "Again"; readonly message: string }
  | { readonly _tag: "Expired"; readonly message: string }
  | { readonly _tag: "Final"; readonly trouble: RemoteTrouble; readonly message: string; readonly help: string }

const again: ReadonlySet<number> = new Set([408, 409, 425, 429, 500, 502, 503, 504])

const final = (trouble: RemoteTrouble, message: string, help: string): Failure => ({
  _tag: "Final",
  trouble,
  message,
  help,
})

/** Why a server refuses, by the code in its answer. */
export const failureOf = (status: number, body: Buffer, header: (name: string) => string | undefined): Failure => {
  const { Code = "", Message = "", Region } = said(body)
  const message = `the server answers ${[String(status), Code, shown(Message)].filter((part) => part !== "").join(" ")}`
  if (Code === "ExpiredToken") return { _tag: "Expired", message }
  if (again.has(status) || Code === "RequestTimeout" || Code === "SlowDown") return { _tag: "Again", message }
  const region = Region ?? header("x-amz-bucket-region")
  if (status === 301 || status === 307 || Code === "AuthorizationHeaderMalformed") {
    return final(
      "refused",
      region === undefined ? message : `the bucket is in the region ${shown(region)}`,
      region === undefined
        ? "set AWS_REGION to the bucket's region"
        : `set AWS_REGION=${shown(region)}, then run again`,
    )
  }
  if (Code === "NoSuchBucket") {
    return final("missing", "there is no such bucket", "make the bucket, or name another one")
  }
  if (Code === "RequestTimeTooSkewed") return final("refused", message, "set the clock of this machine, then run again")
  if (Code === "InvalidAccessKeyId" || Code === "SignatureDoesNotMatch" || Code === "InvalidToken" || status === 401) {
    return final("refused", message, "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN or AWS_PROFILE")
  }
  // Some servers say so with 403 or 400.
  if (status === 507 || /(?:QuotaExceeded|StorageFull|InsufficientStorage)$/u.test(Code)) {
    return final("full", message, "make room in the bucket, then run again; what is finished is kept")
  }
  if (status === 403) {
    return final("refused", message, "ask the owner of the bucket to let you list, read, write and delete in it")
  }
  return final("failed", message, "check the address and AWS_ENDPOINT_URL, then run again")
}

/** The code of an error; undefined where the answer holds none. */
export const codeIn = (body: Buffer): string | undefined => said(body)["Code"]

/** The texts of an error in XML; none where the answer is something else, as from a proxy on the way. */
const said = (body: Buffer): Readonly<Record<string, string>> => {
  try {
    return recordsIn(body, "").top
  } catch {
    return {}
  }
}

const shown = (text: string): string => visible(text).slice(0, 200)
