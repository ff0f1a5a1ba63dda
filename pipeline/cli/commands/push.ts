import { Effect } from "effect"
import { Command } from "effect/cli"
import { bytes, counted, some } from "../../base/text.ts"
import { snapshotOf, withStatus } from "../../status/snapshot.ts"
import { bringing } from "../bringing.ts"
import { exitCodes } from "../exit-codes.ts"
import { graphOf } from "../project.ts"
import { neededRemote, noteTaken } from "../remote.ts"
import { selected } from "../selecting.ts"
import { makeMeter } from "../text/meter.ts"
import { print, printJson, printNote } from "../text/output.ts"

/** `dag push`: brings what nodes made to the remote. */
export const push = Command.make(
  "push",
  bringing("Nodes to push, with all nodes that they depend on; every node if left out"),
  ({ selectors, exclude, profile, json }) =>
    Effect.gen(function*() {
      const remote = yield* neededRemote
      const { makePusher } = yield* Effect.promise(() => import("../../store/remote/push.ts"))
      const { takeStock } = yield* Effect.promise(() => import("../../store/remote/stock.ts"))
      const { part } = yield* selected(yield* graphOf(profile), { include: selectors, exclude })
      const snapshot = yield* snapshotOf(part)
      const fresh = withStatus(snapshot, "Fresh")
      const records = fresh.map(({ status: { key, record } }) => ({ key, record }))
      yield* noteTaken(yield* takeStock(remote, records))
      const meter = makeMeter("pushed")
      const pusher = yield* makePusher(remote, meter.advancedNow)
      const { incomplete, disagreements, ...pushed } = yield* Effect.gen(function*() {
        const left = yield* pusher.push(records)
        return { incomplete: left.map(({ record: { node } }) => node), ...yield* pusher.finish }
      }).pipe(Effect.ensuring(meter.close))
      const notFresh = snapshot.nodes.size - fresh.length
      if (incomplete.length > 0) process.exitCode = exitCodes.failed
      else if (disagreements.length > 0) process.exitCode = exitCodes.found
      if (json) {
        return yield* printJson({
          remote: remote.address,
          ...pushed,
          notFresh,
          incomplete,
          conflicts: disagreements,
        })
      }
      yield* print(
        `Pushed ${counted(pushed.records, "record")} and ${counted(pushed.objects, "object")} (${
          bytes(pushed.bytes)
        }) to ${remote.address}.`,
      )
      if (notFresh > 0) yield* printNote(`${counted(notFresh, "node")} not up to date: run them, then push again`)
      if (incomplete.length > 0) {
        yield* printNote(
          `something of ${some(incomplete)} is damaged or gone, and was not pushed: run again, then push again`,
        )
      }
      if (disagreements.length > 0) {
        yield* printNote(
          `the remote has other outputs of ${
            some(disagreements.map(({ node }) => node))
          }: both are kept, and the remote's count there; dag audit tells them apart`,
        )
      }
    }),
).pipe(Command.withDescription(
  "Bring what nodes made to the remote, each object once. Exit code 0: done, 1: something is damaged or gone and was not pushed, 3: the remote has other outputs of a node",
))
