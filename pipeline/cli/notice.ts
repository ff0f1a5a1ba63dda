import { Effect } from "effect"
import { InputError } from "../base/errors.ts"
import { runIsolated } from "../doctor/check.ts"
import type { Node } from "../graph/node.ts"
import type { Concerned, Notice, Noticing } from "../report/experiment.ts"
import { type Snapshot, withStatus } from "../status/snapshot.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { agreed } from "./confirm.ts"
import { Project } from "./project.ts"

/** What the experiment has to say before nodes run, and the nodes that it concerns. */
export interface Noticed extends Notice {
  readonly nodes: ReadonlySet<string>
}

/**
 * What the experiment says to who runs these nodes, all of it as one; each check has a process of its own. `recordOf`
 * gives what a node made that is up to date.
 */
export const noticeFor = Effect.fnUntraced(function*(
  nodes: Iterable<Node>,
  recordOf: (name: string) => ActionRecord | undefined = () => undefined,
  isAsked: (notice: Noticing) => boolean = () => true,
) {
  const { experiment: { notices = [] }, program } = yield* Project
  const store = yield* Store
  const all = [...nodes]
  const noticed: Array<Noticed> = []
  for (const notice of notices.filter(isAsked)) {
    const concerned = all.filter(({ params }) => notice.concerns(params))
    if (concerned.length === 0) continue
    const findings = yield* Effect.forEach(
      notice.checks,
      (name) => Effect.map(runIsolated(program, name), (finding) => [name, finding] as const),
      { concurrency: 2 },
    )
    const said = yield* notice.of({
      nodes: concerned.map((node): Concerned => ({
        params: node.params,
        resources: node.resources,
        ...(node.expected?.rows === undefined ? {} : { rows: node.expected.rows }),
        rowsOf: (role) => inputRows(store, node, role, recordOf),
      })),
      findings: new Map(findings),
      replies: store.replies,
    })
    noticed.push({ ...said, nodes: new Set(concerned.map(({ name }) => name)) })
  }
  return noticed.length === 0 ? undefined : noticed.reduce(together)
})

/** The rows of the inputs of a role; undefined where not all of them are made. */
const inputRows = Effect.fnUntraced(function*(
  store: Store["Service"],
  node: Node,
  role: string,
  recordOf: (name: string) => ActionRecord | undefined,
) {
  const [input, wire] = [node.stage.inputs[role], node.inputs.get(role)]
  if (input === undefined || input._tag === "Files" || wire?._tag !== "Artifacts") return undefined
  const made = wire.refs.map(({ node: name, output }) => recordOf(name)?.outputs[output])
  const found = made.filter((each) => each !== undefined)
  if (found.length < made.length) return undefined
  return (yield* Effect.forEach(found, ({ digest }) => store.readRows(input.row, digest))).flat()
})

/** Two notices as one: one answer is for both. */
const together = (one: Noticed, other: Noticed): Noticed => ({
  lines: [...one.lines, ...other.lines],
  facts: { ...one.facts, ...other.facts },
  nodes: one.nodes.union(other.nodes),
  ...asksOf([one, other].flatMap(({ asks }) => asks ?? [])),
})

const asksOf = (asks: ReadonlyArray<NonNullable<Notice["asks"]>>): Pick<Notice, "asks"> =>
  asks.length === 0 ? {} : {
    asks: {
      question: asks.map(({ question }) => question).join(" "),
      message: asks.map(({ message }) => message).join("; "),
      help: asks.map(({ help }) => help).join("; "),
    },
  }

/** The same of what a plan would execute, or may. */
export const noticeOf = (planned: Snapshot, isAsked?: (notice: Noticing) => boolean) =>
  noticeFor(
    withStatus(planned, "WillRun", "MayRun").map(({ node }) => node),
    (name) => {
      const found = planned.nodes.get(name)
      return found?.status._tag === "Fresh" ? found.record : undefined
    },
    isAsked,
  )

/** Fails where an edit during a watch wants what only a yes of its own allows. */
export const mayFollow = Effect.fnUntraced(function*(planned: Snapshot) {
  const notice = yield* noticeOf(planned, ({ asksAgain = false }) => asksAgain)
  if (notice?.asks === undefined) return
  return yield* new InputError({
    message: `${notice.asks.message}; nothing of this edit runs`,
    help: `end the watch and start it again, which asks, or give it --yes; what runs goes on`,
  })
})

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
