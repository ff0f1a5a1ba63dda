import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import * as Apart from "../../../pipeline/store/apart.ts"
import { layer as diskLayer } from "../../../pipeline/store/disk.ts"
import { layer as storeLayer, Store } from "../../../pipeline/store/store.ts"
import { verifyStore } from "../../../pipeline/store/verify/verify.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "redag-test-"))),
  (root) => Effect.sync(() => rmSync(root, { recursive: true })),
)

const opened = (root: string) => Layer.build(storeLayer(root).pipe(Layer.provideMerge(diskLayer)))

const request = digestOf("what is asked")

describe("replies of services outside", () => {
  it.effect("stay for who asks the same again, in whatever process", () =>
    Effect.gen(function*() {
      const root = yield* folder
      yield* Effect.flatMap(Store, ({ replies }) => replies.keep(request, "ünï\n{\"a\": 1}")).pipe(
        Effect.provide(yield* opened(root)),
      )
      const [found, other] = yield* Effect.flatMap(
        Store,
        ({ replies }) => Effect.all([replies.find(request), replies.find(digestOf("another"))]),
      ).pipe(Effect.provide(yield* opened(root)))
      assert.strictEqual(found, "ünï\n{\"a\": 1}")
      assert.isUndefined(other)
    }))

  it.effect("are checked, and a damaged one is refused rather than used or asked for again", () =>
    Effect.gen(function*() {
      const root = yield* folder
      const context = yield* opened(root)
      const { replies } = yield* Effect.provide(Store, context)
      yield* replies.keep(request, "forty-two")
      assert.deepStrictEqual((yield* Effect.provide(verifyStore(), context)).findings, [])
      const path = join(root, "replies", `${request}.json`)
      writeFileSync(path, readFileSync(path, "utf8").replace("forty-two", "forty-one"))
      const error = yield* Effect.flip(replies.find(request))
      assert.strictEqual(error.path, path)
      assert.match(error.help, /dag repair/u)
      const { findings } = yield* Effect.provide(verifyStore(), context)
      assert.deepStrictEqual(findings.map(({ state, kind }) => [state, kind]), [["damaged", "reply"]])
    }))

  it.effect("are found, and not written, behind a store that is apart", () =>
    Effect.gen(function*() {
      const [root, scratch] = [yield* folder, yield* folder]
      const { replies } = yield* Effect.provide(Store, yield* opened(root))
      yield* replies.keep(request, "known")
      const apart = yield* Layer.build(Apart.layer({ scratch, behind: root }).pipe(Layer.provide(diskLayer)))
      const own = (yield* Effect.provide(Store, apart)).replies
      assert.strictEqual(yield* own.find(request), "known")
      const other = digestOf("another")
      yield* own.keep(other, "new")
      assert.strictEqual(yield* own.find(other), "new")
      assert.deepStrictEqual(readdirSync(join(root, "replies")), [`${request}.json`])
    }))
})

describe("the turn to ask a service", () => {
  it.live("is one process's at a time, and another's when that has done", () =>
    Effect.gen(function*() {
      const root = yield* folder
      const first = (yield* Effect.provide(Store, yield* opened(root))).replies
      const second = (yield* Effect.provide(Store, yield* opened(root))).replies
      const happened: Array<string> = []
      const use = (replies: typeof first, name: string) =>
        Effect.scoped(Effect.gen(function*() {
          yield* replies.turn("a service")
          happened.push(`${name} begins`)
          for (let step = 0; step < 20; step++) yield* Effect.sleep(1)
          happened.push(`${name} ends`)
        }))
      const fibers = yield* Effect.forEach(
        [use(first, "first"), use(second, "second")],
        (each) => Effect.forkChild(each),
      )
      yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber))
      const [one = "", end, other] = happened
      assert.strictEqual(end, one.replace("begins", "ends"))
      assert.notStrictEqual(one, other)
      assert.strictEqual(happened.length, 4)
      assert.deepStrictEqual(readdirSync(join(root, "leases")), [])
    }))

  it.effect("is free where who had it has died", () =>
    Effect.gen(function*() {
      const root = yield* folder
      const { replies, owner } = yield* Effect.provide(Store, yield* opened(root))
      yield* Effect.scoped(replies.turn("a service"))
      // As a process that was killed leaves it: one of this machine whose number no process has.
      const [boot, namespace] = owner.split("-")
      const dead = `${boot}-${namespace}-4194304-1-0000000a`
      writeFileSync(join(root, "leases", `${digestOf("turn of a service")}.${dead}`), "a turn to ask")
      yield* Effect.scoped(replies.turn("a service"))
      assert.deepStrictEqual(readdirSync(join(root, "leases")), [])
    }))
})
