import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Scope } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { calls } from "../../../pipeline/store/calls.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { storeLayer } from "../store/support.ts"
import { eventsOf, inPlace, keyIn, type Ran } from "./support.ts"

/** What the system says of a disk that fails. */
const broken = (): never => {
  throw Object.assign(new Error("EIO: i/o error"), { code: "EIO", errno: -5, syscall: "open" })
}

const assertSucceeded = ({ exit, events }: Ran) => {
  const failed = events.filter(({ _tag }) => _tag === "NodeFailed")
  assert.deepStrictEqual([Exit.isSuccess(exit), failed], [true, []], JSON.stringify(exit))
}

const failuresOf = ({ events }: Ran) => events.flatMap((event) => (event._tag === "NodeFailed" ? [event.node] : []))

describe("what fails beside the work", () => {
  it("of heads that cannot be noted while trainings run ends none of them", () =>
    inPlace(async ({ run }) => {
      let times = 0
      const link = (from: string, to: string) => {
        if (to.includes("/heads/") && times++ === 0) broken()
        calls.link(from, to)
      }
      assertSucceeded(await run({ calls: { ...calls, link } }))
      assert.isAbove(times, 1)
    }))

  it("of a look at what another executes is a look that saw nothing", () =>
    inPlace(async ({ store, run }) => {
      const scope = Effect.runSync(Scope.make())
      let isWaiting = false
      let times = 0
      const list = (folder: string) => {
        // The first is the one before a lease is taken, which finds the other's.
        if (isWaiting && folder.endsWith("/leases") && times++ > 0 && times <= 3) {
          if (times === 3) Effect.runFork(Scope.close(scope, Exit.void))
          broken()
        }
        return calls.list(folder)
      }
      const ran = await run({
        forced: ["read/first"],
        calls: { ...calls, list },
        before: (planned) => holding(store, scope, keyIn(planned, "read/first"), () => (isWaiting = true)),
      })
      assertSucceeded(ran)
      assert.isAtLeast(times, 3)
      assert.deepStrictEqual(eventsOf(ran, "read/first"), ["NodeStarted", "NodeSucceeded"])
    }))

  it("of a lease fails that node alone", () =>
    inPlace(async ({ run }) => {
      await run()
      const open: typeof calls.open = (path, how) =>
        path.includes("/leases/") && how === "new" && opened++ === 0 ? broken() : calls.open(path, how)
      let opened = 0
      const ran = await run({ forced: ["add/two", "use/short"], keepGoing: true, calls: { ...calls, open } })
      assert.isTrue(Exit.isSuccess(ran.exit))
      assert.lengthOf(failuresOf(ran), 1)
      assert.lengthOf(ran.executed, 1)
    }))

  it("of code that cannot be saved fails the nodes of that key alone", () =>
    inPlace(async ({ run }) => {
      let linked = 0
      const link = (from: string, to: string) => {
        if (to.includes("/code/") && linked++ === 1) broken()
        calls.link(from, to)
      }
      const rename = (from: string, to: string) => {
        if (to.includes("/code/") && linked++ === 1) broken()
        calls.rename(from, to)
      }
      const ran = await run({ keepGoing: true, calls: { ...calls, link, rename } })
      assert.isTrue(Exit.isSuccess(ran.exit))
      assert.deepStrictEqual(failuresOf(ran), ["add/one", "add/twin"])
      assert.include(ran.executed, "train 1")
      assertSucceeded(await run())
    }))

  it("of a node that was to stay as it was and is damaged fails that node, and the others go on", () =>
    inPlace(async ({ store, run }) => {
      await run()
      const ran = await run({
        frozen: ["train/short"],
        forced: ["use/short", "add/two"],
        keepGoing: true,
        before: ({ nodes }) =>
          Effect.sync(() => {
            const [weights] = nodes.get("train/short")?.record?.blobs ?? []
            if (weights === undefined) throw new Error("no weights")
            const { digest, size } = weights
            writeFileSync(join(store, "objects", digest.slice(0, 2), digest.slice(2)), "x".repeat(size))
          }),
      })
      assert.isTrue(Exit.isSuccess(ran.exit), JSON.stringify(ran.exit))
      assert.deepStrictEqual(failuresOf(ran), ["train/short"])
      assert.include(ran.executed, "add 2")
      assert.include(eventsOf(ran, "use/short"), "NodeBlocked")
    }))
})

describe("a run", () => {
  it("that leaves a node over says so", () =>
    inPlace(async ({ run }) => {
      const { exit, executed } = await run({
        // One that waits for itself.
        change: (graph) => {
          const [name, node] = [...graph.nodes].at(-1) ?? []
          const wire = node?.inputs.get("from")
          if (name === undefined || node === undefined || wire === undefined || wire._tag === "Files") {
            throw new Error("no node that takes input from another")
          }
          const inputs = new Map(node.inputs).set("from", {
            ...wire,
            refs: wire.refs.map((ref) => ({ ...ref, node: name })),
          })
          return { ...graph, nodes: new Map(graph.nodes).set(name, { ...node, inputs }) }
        },
      })
      assert.include(executed, "train 3")
      assert.match(String(Exit.isFailure(exit) ? Cause.squash(exit.cause) : exit), /never settled: add\/all/u)
    }))
})

/** Holds a key as another process does, until the scope ends, and says so. */
const holding = (
  store: string,
  scope: Scope.Closeable,
  key: ReturnType<typeof keyIn>,
  held: () => void,
) =>
  Effect.gen(function*() {
    const other = yield* Layer.buildWithScope(storeLayer(store), scope)
    const taken = Effect.flatMap(Store, ({ leases }) => leases.take(key, "a node"))
    assert.strictEqual((yield* Effect.provideContext(taken, other))._tag, "Taken")
    held()
  })
