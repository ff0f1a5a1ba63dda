import { Effect } from "effect"
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import { filesRemote } from "../../../../pipeline/store/remote/files-remote.ts"
import type { Files } from "../../../../pipeline/store/remote/files.ts"
import { localFiles } from "../../../../pipeline/store/remote/folder.ts"
import { locked } from "../../../../pipeline/store/remote/lock.ts"
import { always, onlyNew } from "../../../../pipeline/store/remote/remote.ts"
import { empty, takePlace } from "../../../rig/places.ts"
import { failing, itKeepsTheContract, text, using } from "./contract.ts"

describe("a folder as a remote", () => {
  const place = takePlace("remote")
  let folders = 0
  const newFolder = () => join(place, `folder ${++folders}`)
  afterAll(() => empty(place))

  itKeepsTheContract(async () => newFolder())

  it("is named by a URL too", async () => {
    const folder = newFolder()
    await using(`file://${folder.replaceAll(" ", "%20")}`)((remote) => remote.write("a", text("one"), onlyNew))
    expect(readdirSync(folder).toSorted()).toEqual(["a", "tmp"])
  })

  it("is made where the folder that it stands in is there, and nowhere else", async () => {
    const folder = newFolder()
    expect(await failing(join(folder, "below"), (remote) => remote.write("a", text("one"), onlyNew))).toMatchObject({
      code: "missing",
      message: "cannot be written: there is no such file",
    })
    expect(existsSync(folder)).toBe(false)
  })

  it("keeps what is made young at the very moment in which a collection removes it, or says that it is gone", async () => {
    for (const moment of ["before", "after"] as const) {
      const folder = newFolder()
      const object = join(folder, "objects/a")
      await using(folder)((remote) => remote.write("objects/a", text("one"), always))
      utimesSync(object, new Date(0), new Date(0))
      let renewed: number | undefined
      const renew = async () => {
        renewed = await using(folder)((remote) => remote.renew("objects/a"))
      }
      const files: Files = {
        ...localFiles,
        rename: async (from, to) => {
          if (moment === "before") await renew()
          await localFiles.rename(from, to)
          if (moment === "after") await renew()
        },
      }
      const collector = filesRemote({
        address: folder,
        root: folder,
        use: (_, __, call) => Effect.promise(() => call(files, 1)),
      })
      expect(await Effect.runPromise(collector.remove("objects/a", 0))).toBe(moment === "after")
      expect(renewed).toBe(moment === "after" ? undefined : 3)
      expect(existsSync(object)).toBe(moment === "before")
      expect(readdirSync(join(folder, "tmp"))).toEqual([])
    }
  })

  it("is not made again where it goes away in the middle, as a drive that is no longer mounted", async () => {
    const folder = newFolder()
    await using(folder)((remote) =>
      Effect.gen(function*() {
        yield* remote.write("a", text("one"), onlyNew)
        renameSync(folder, `${folder} away`)
        for (const stays of [false, true]) {
          if (stays) mkdirSync(folder)
          const exit = yield* Effect.exit(remote.write("b/c", text("two"), always))
          expect(JSON.stringify(exit)).toContain("missing")
          expect(existsSync(folder) ? readdirSync(folder) : undefined).toEqual(stays ? [] : undefined)
        }
        rmdirSync(folder)
        renameSync(`${folder} away`, folder)
        yield* remote.write("b/c", text("two"), always)
        expect(readdirSync(folder).toSorted()).toEqual(["a", "b", "tmp"])
      })
    )
  })

  it("takes the lock of somebody who died, once it was watched", async () => {
    const folder = newFolder()
    mkdirSync(folder)
    writeFileSync(join(folder, `lock-${digestOf("a")}`), "of somebody who died")
    expect(await locked(localFiles, folder, "a", "mine", async (stillHeld) => stillHeld(), 100)).toBe(true)
    // What is left says that this very lock was broken, and is removed like anything that is left.
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^broken-[0-9a-f]+-1$/u)])
  })

  it("lets one after the other have a lock", async () => {
    const folder = newFolder()
    mkdirSync(folder)
    let [inside, most, times] = [0, 0, 0]
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        locked(localFiles, folder, "a", `nonce-${index}`, async () => {
          most = Math.max(most, ++inside)
          await new Promise((done) => setImmediate(done))
          inside--
          times++
        })),
    )
    expect([most, times, readdirSync(folder)]).toEqual([1, 12, []])
  })

  it("dies of a name that no remote could keep: that is a bug", async () => {
    for (const name of ["", "a//b", "../a", "a b", "tmp/a", "a/."]) {
      const exit = await using(newFolder())((remote) => Effect.exit(remote.read(name, 9)))
      expect(exit._tag, name).toBe("Failure")
      expect(JSON.stringify(exit), name).toContain("Die")
    }
  })
})
