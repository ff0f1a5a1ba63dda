import { Effect } from "effect"
import { runIsolated } from "../doctor/check.ts"
import { type Snapshot, withStatus } from "../status/snapshot.ts"
import { Project } from "./project.ts"
import { print } from "./text/output.ts"

/** Says what the experiment has to say of this machine to who runs these nodes; each check has a process of its own. */
export const printNotice = Effect.fnUntraced(function*(planned: Snapshot) {
  const { experiment: { notice }, program } = yield* Project
  if (notice === undefined) return
  const concerned = withStatus(planned, "WillRun", "MayRun").filter(({ node }) => notice.concerns(node.params))
  if (concerned.length === 0) return
  const findings = yield* Effect.forEach(
    notice.checks,
    (name) => Effect.map(runIsolated(program, name), (finding) => [name, finding] as const),
    { concurrency: 2 },
  )
  yield* print(notice.text(concerned.length, new Map(findings)))
})
