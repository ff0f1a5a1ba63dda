import { Effect } from "effect"
import { InputError } from "../base/errors.ts"
import { runIsolated } from "../doctor/check.ts"
import type { Node } from "../graph/node.ts"
import type { Notice } from "../report/experiment.ts"
import { type Snapshot, withStatus } from "../status/snapshot.ts"
import { agreed } from "./confirm.ts"
import { Project } from "./project.ts"

/** What the experiment has to say of this machine, and the nodes that it concerns. */
export interface Noticed extends Notice {
  readonly nodes: ReadonlySet<string>
}

/** What the experiment says of this machine to who runs these nodes; each check has a process of its own. */
export const noticeFor = Effect.fnUntraced(function*(nodes: Iterable<Node>) {
  const { experiment: { notice }, program } = yield* Project
  if (notice === undefined) return
  const concerned = [...nodes].filter(({ params }) => notice.concerns(params))
  if (concerned.length === 0) return
  const findings = yield* Effect.forEach(
    notice.checks,
    (name) => Effect.map(runIsolated(program, name), (finding) => [name, finding] as const),
    { concurrency: 2 },
  )
  const noticed: Noticed = {
    ...notice.of(concerned, new Map(findings)),
    nodes: new Set(concerned.map(({ name }) => name)),
  }
  return noticed
})

/** The same of what a plan would execute, or may. */
export const noticeOf = (planned: Snapshot) =>
  noticeFor(withStatus(planned, "WillRun", "MayRun").map(({ node }) => node))

/** The first line, and why. */
export const noticeText = ({ lines }: Notice): string => lines.join("\n  ")

/** Whether to go on where a notice asks; fails where nobody can answer. */
export const agreedTo = Effect.fnUntraced(function*(
  { question, message, help }: NonNullable<Notice["asks"]>,
  json: boolean,
) {
  const answer = json ? "not asked" : yield* agreed(question)
  if (answer === "not asked") return yield* new InputError({ message, help })
  return answer === "yes"
})
