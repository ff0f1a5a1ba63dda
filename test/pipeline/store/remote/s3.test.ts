import { Effect } from "effect"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "vitest"
import type { StoreError } from "../../../../pipeline/base/errors.ts"
import type { Remote } from "../../../../pipeline/store/remote/remote.ts"
import { s3Settings } from "../../../../pipeline/store/remote/s3-settings.ts"
import { s3Remote } from "../../../../pipeline/store/remote/s3.ts"

type Service = Remote["Service"]

/** The failure of using a bucket of a server that answers as it is told to. */
const failing = async (
  answer: RequestListener,
  use: (remote: Service) => Effect.Effect<unknown, StoreError>,
): Promise<StoreError> => {
  const server = createServer(answer)
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  try {
    const settings = await s3Settings({
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
    })
    return await Effect.runPromise(
      Effect.flip(Effect.flatMap(s3Remote({ bucket: "bucket", prefix: "p/" }, settings), use)),
    )
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe("a bucket of S3", () => {
  it("is read no further than is asked for, whatever a server sends", async () => {
    let sent = 0
    const ended = Promise.withResolvers<void>()
    const failure = await failing(
      (_, response) => {
        // Without end, as long as somebody takes it.
        const piece = Buffer.alloc(1 << 16)
        const more = (): void => {
          while (!response.destroyed && response.write(piece)) sent += piece.length
        }
        response.on("drain", more)
        response.on("close", () => ended.resolve())
        more()
      },
      (remote) => Effect.ensuring(remote.read("redag.json", 4096), Effect.promise(() => ended.promise)),
    )
    expect(failure.message).toBe("cannot be read: it has more than 4096 bytes")
    expect(sent).toBeLessThan(64 << 20)
  })

  it("is missing where there is none: nothing is said of conditions", async () => {
    const uses = [(remote: Service) => remote.conditions, (remote: Service) => remote.read("a", 4)]
    for (const use of uses) {
      const failure = await failing(
        (request, response) => {
          request.resume()
          response.writeHead(404).end("<Error><Code>NoSuchBucket</Code></Error>")
        },
        use,
      )
      expect(failure).toMatchObject({ code: "missing", message: "there is no such bucket" })
    }
  })
})
