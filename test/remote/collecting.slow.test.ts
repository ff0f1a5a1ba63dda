import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { utimesSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { always } from "../../pipeline/store/remote/remote.ts"
import { using } from "../pipeline/store/remote/contract.ts"
import { empty, takePlace } from "../rig/places.ts"
import { environmentOfTests } from "./environment.ts"
import { noSshd, sshdOfTests } from "./sshd.ts"

const names = Array.from({ length: 60 }, (_, index) => `objects/${index % 4}/${index}`)
const bytes = Buffer.alloc(70_000, "x")

/** One process removes what is old while another makes it young, or sends what is gone: nothing of that is lost. */
const meet = async (address: string, folder: string): Promise<void> => {
  await using(address)((remote) => Effect.forEach(names, (name) => remote.write(name, bytes, always)))
  const collector = spawn(process.execPath, [join(import.meta.dirname, "collector.ts"), address], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  const ended = once(collector, "close")
  await Promise.race([once(collector.stdout, "data"), ended])
  const lost: Array<string> = []
  await using(address)((remote) =>
    Effect.gen(function*() {
      for (let round = 0; round < 20; round++) {
        for (const name of names) {
          try {
            utimesSync(join(folder, name), new Date(0), new Date(0))
          } catch {
            // It is being looked at by the other.
          }
        }
        yield* Effect.forEach(names, (name) =>
          Effect.flatMap(remote.renew(name), (size) =>
            size === bytes.length ? Effect.succeed("") : remote.write(name, bytes, always)), { concurrency: 8 })
      }
    })
  )
  collector.stdin.end()
  assert.deepStrictEqual(await ended, [0, null])
  await using(address)((remote) =>
    Effect.forEach(names, (name) =>
      Effect.map(remote.size(name), (size) => {
        if (size !== bytes.length) lost.push(name)
      }))
  )
  assert.deepStrictEqual(lost, [])
}

describe("a collection of a remote that meets a push, of two processes", () => {
  const place = takePlace("collecting")
  afterAll(() => empty(place))

  it("in a folder", () => meet(join(place, "remote"), join(place, "remote")))
})

describe.skipIf(noSshd !== undefined)(
  `a collection behind SSH that meets a push, of two processes${noSshd === undefined ? "" : `: ${noSshd}`}`,
  () => {
    const sshd = sshdOfTests()
    environmentOfTests(() => sshd.variables)

    it("in a folder behind SSH", () => {
      const { address, folder } = sshd.newAddress()
      return meet(address, folder)
    })
  },
)
