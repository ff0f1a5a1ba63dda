import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { InputError } from "../../base/errors.ts"
import { counted } from "../../base/text.ts"
import { plannedRun } from "../../status/planned.ts"
import { snapshotOf, withStatus } from "../../status/snapshot.ts"
import { limitFlags } from "../limits.ts"
import { graphOf, profileFlag } from "../project.ts"
import { excludeFlag, nodesArgument, selected } from "../selecting.ts"
import { nodeText } from "../text/node.ts"
import { print } from "../text/output.ts"
import { runOnThisMachine } from "./run.ts"

/** `dag prefetch`: executes here what fetches something from the network, for machines that have none. */
export const prefetch = Command.make(
  "prefetch",
  {
    selectors: nodesArgument("Nodes to fetch for, with all nodes that they depend on; every node if left out"),
    exclude: excludeFlag,
    profile: profileFlag,
    yes: Flag.Boolean("yes").pipe(
      Flag.withAlias("y"),
      Flag.withDescription("Do not ask before fetching"),
      Flag.withDefault(false),
    ),
    jobs: limitFlags.jobs,
  },
  ({ selectors, exclude, profile, yes, jobs }) =>
    Effect.gen(function*() {
      const { part, ...asked } = yield* selected(yield* graphOf(profile), { include: selectors, exclude })
      const { planned } = yield* plannedRun(part, asked)
      const fetching = [...planned.nodes.values()].filter(({ node }) => node.expected?.download !== undefined)
      const open = fetching.filter(({ status: { _tag } }) =>
        _tag !== "Fresh" && _tag !== "Missing" && _tag !== "Blocked"
      )
      if (open.length > 0) {
        const names = open.map(({ node }) => node.name)
        yield* runOnThisMachine({ selectors: names, profile, yes, jobs })
        const { nodes } = yield* snapshotOf(part)
        // It failed, or the user does not want it: that was said.
        if (names.some((name) => nodes.get(name)?.status._tag !== "Fresh")) return
      }
      yield* print(
        fetching.length === 0
          ? "None of these nodes fetches anything from the network."
          : `The store has what ${counted(fetching.length, "node")} ${
            fetching.length === 1 ? "fetches" : "fetch"
          } from the network: no other machine has to fetch it.`,
      )
      const missing = withStatus(planned, "Missing")
      if (missing.length === 0) return
      for (const each of missing) yield* print(nodeText(each))
      return yield* new InputError({
        message: `${counted(missing.length, "node")} lack${
          missing.length === 1 ? "s" : ""
        } files that nobody can fetch by itself`,
        help: "put the files where they are expected, on a folder that compute nodes share",
        lacksFiles: true,
      })
    }),
).pipe(Command.withDescription(
  "Fetch here what nodes need from the network, such as pretrained models, so that compute nodes need none. Exit code 6: files are missing that are not fetched",
))
