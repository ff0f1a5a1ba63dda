import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { Store } from "../../../pipeline/store/store.ts"
import { storeLayer } from "../store/support.ts"
import { eventsOf, inPlace, keyIn } from "./support.ts"

describe("a node whose key another process is at", () => {
  it("is executed after that where it is forced: a record of before is not what was asked for", () =>
    inPlace(async ({ store, run }) => {
      await run()
      const scope = Effect.runSync(Scope.make())
      const { exit, executed, events } = await run({
        forced: ["add/three"],
        before: (planned) =>
          Effect.gen(function*() {
            const other = yield* Layer.buildWithScope(storeLayer(store), scope)
            const taking = yield* Effect.provideContext(
              Effect.flatMap(Store, ({ leases }) => leases.take(keyIn(planned, "add/three"), "add/three")),
              other,
            )
            assert.strictEqual(taking._tag, "Taken")
            // The other lets go once this run has found that it executes it.
            yield* Effect.forkDetach(Effect.delay(Scope.close(scope, Exit.void), 200))
          }),
      })
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(executed, ["add 3"])
      assert.deepStrictEqual(eventsOf({ exit, executed, events }, "add/three"), ["NodeStarted", "NodeSucceeded"])
    }))
})
