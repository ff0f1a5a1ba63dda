import { Effect, Exit } from "effect"
import { join, resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { addressOf, shownAddress } from "../../../../pipeline/store/remote/address.ts"

const parsed = (text: string) => Effect.runSync(addressOf(text))

describe("the address of a remote", () => {
  it("is a bucket and a prefix, a host and a folder, or a folder here", () => {
    expect(parsed("s3://bucket")).toEqual({ _tag: "S3", bucket: "bucket", prefix: "" })
    expect(parsed("s3://my.bucket/a/b/")).toEqual({ _tag: "S3", bucket: "my.bucket", prefix: "a/b/" })
    expect(parsed("sftp://me@host:2200/data/x/")).toEqual({
      _tag: "Sftp",
      host: "host",
      user: "me",
      port: 2200,
      path: "/data/x",
    })
    expect(parsed("ssh://[::1]/~/x")).toMatchObject({ host: "::1", user: undefined, port: undefined, path: "./x" })
    expect(parsed("file:///data/a%20b")).toEqual({ _tag: "Folder", path: "/data/a b" })
    expect(parsed("shared/store/")).toEqual({ _tag: "Folder", path: resolve("shared/store") })
    expect(parsed(join("/", "data"))).toEqual({ _tag: "Folder", path: "/data" })
  })

  it.each([
    ["", "\"\" names no remote"],
    ["s3:///prefix", "\"s3:///prefix\" names no bucket"],
    ["s3://bucket/a/../b", "has a prefix that is no path"],
    ["gs://bucket/a", "begins with gs://, which is no kind of remote"],
    ["sftp://-oProxyCommand=x/a", "names no host and folder"],
    ["sftp://-x@host/a", "names a host or a user that begins with -"],
    ["sftp://host:70000/a", "names no port"],
    ["file://host/a", "names no folder of this machine"],
    [" ", "names no remote"],
    ["~/store", "begins with ~"],
    ["host:/data", "a host is written sftp://HOST/PATH"],
  ])("%j is refused", (text, message) => {
    const error = Effect.runSync(Effect.flip(addressOf(text)))
    expect(error.message).toContain(message)
  })

  it.each([
    "sftp://me:hunter2@host/a",
    "sftp://me:hun/hunter2@host/a",
    "s3://AKIA:hunter2@bucket/a",
    "s3://AKIA:hun/hunter2@bucket",
    "s3://AKIA:hunter2/bucket",
    "s3://bucket/a?X-Amz-Signature=hunter2",
    "https://host/a?X-Amz-Signature=hunter2",
    "me:hunter2@host:/a",
  ])("%j is refused without a word of what it may hold", (text) => {
    const exit = Effect.runSyncExit(addressOf(text))
    expect(Exit.isFailure(exit)).toBe(true)
    expect(JSON.stringify(exit)).not.toContain("hunter2")
    expect(shownAddress(text)).not.toContain("hunter2")
  })

  it("is shown whole where it holds nothing that is secret", () => {
    for (const text of ["s3://bucket/a", "sftp://me@host:22/a", "/data/a", "file:///data"]) {
      expect(shownAddress(text)).toBe(text)
    }
  })
})
