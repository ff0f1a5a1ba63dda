import { counted, duration, number } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import type { NodeSnapshot } from "../../status/snapshot.ts"
import type { Event } from "../../store/events.ts"
import { eventText } from "./event.ts"

/** What a run is to execute of one stage, and how far it is. */
interface Stage {
  readonly name: string
  readonly nodes: number
  /** Nodes that are not settled. */
  readonly open: Set<string>
  executed: number
  upToDate: number
  failed: number
  /** Nodes that made the same again. */
  same: number
  milliseconds: number
}

/** What stays on the screen of a run: a line a stage in place of one for each node that is done. */
export interface Folded {
  /** The lines that an event leaves. */
  readonly take: (event: Event) => ReadonlyArray<string>
  /** A line for each stage that has begun and is not at its end. */
  readonly underway: () => ReadonlyArray<string>
  /** How far the stage of a node is. */
  readonly of: (node: string) => string | undefined
  /** The lines of stages that are not at their end when the run is. */
  readonly rest: () => ReadonlyArray<string>
}

/** Every event as it is. */
export const notFolded: Folded = {
  take: (event) => {
    const text = eventText(event)
    return text === undefined ? [] : [text]
  },
  underway: () => [],
  of: () => undefined,
  rest: () => [],
}

/** The nodes of a plan, as far as this is about them. */
interface Planned {
  readonly nodes: ReadonlyMap<string, {
    readonly node: { readonly name: string; readonly stage: { readonly name: string } }
    readonly status: { readonly _tag: NodeSnapshot["status"]["_tag"] }
  }>
}

/**
 * Folds what is done by stage. What failed, waits, is damaged, differs or is suspicious has lines of its own, and so has the only node of
 * its stage that the run is to execute.
 */
export const foldedByStage = ({ nodes }: Planned): Folded => {
  const toRun = [...nodes.values()].filter(({ status: { _tag } }) => _tag === "WillRun" || _tag === "MayRun")
  const stages = [...Map.groupBy(toRun, ({ node }) => node.stage.name)].map(([name, own]): Stage => ({
    name,
    nodes: own.length,
    open: new Set(own.map(({ node }) => node.name)),
    executed: 0,
    upToDate: 0,
    failed: 0,
    same: 0,
    milliseconds: 0,
  }))
  const stageOf = new Map(stages.flatMap((stage) => [...stage.open].map((name) => [name, stage] as const)))
  const isSingle = ({ nodes }: Stage) => nodes === 1
  const hasEnded = ({ open }: Stage) => open.size === 0

  const count = (stage: Stage, event: Event): void => {
    if (event._tag === "NodeSucceeded") {
      stage.executed++
      if (event.again === "same") stage.same++
      if (!event.shared) stage.milliseconds += event.milliseconds
    } else if (event._tag === "NodeCached") stage.upToDate++
    else if (event._tag === "NodeFailed") stage.failed++
  }

  return {
    take: (event) => {
      const whole = notFolded.take(event)
      if (!settles(event)) return whole
      const stage = stageOf.get(event.node)
      // A node that is made again since something was found damaged, or that settles once more, has its own line.
      if (stage === undefined || !stage.open.delete(event.node)) return whole
      count(stage, event)
      if (isSingle(stage)) return whole
      const own = isPlain(event) ? [] : whole
      return hasEnded(stage) && stage.executed > 0 ? [...own, doneText(stage)] : own
    },
    underway: () =>
      stages.filter((stage) => !isSingle(stage) && !hasEnded(stage) && stage.open.size < stage.nodes).map(underwayText),
    of: (node) => {
      const stage = stageOf.get(node)
      return stage === undefined || isSingle(stage) || hasEnded(stage) ? undefined : underwayText(stage)
    },
    rest: () => stages.filter((stage) => !isSingle(stage) && !hasEnded(stage) && stage.executed > 0).map(doneText),
  }
}

type Settling = Extract<
  Event,
  { readonly _tag: "NodeSucceeded" | "NodeCached" | "NodeFailed" | "NodeMissing" | "NodeBlocked" | "NodeUnneeded" }
>

const settling: ReadonlySet<Event["_tag"]> = new Set(
  ["NodeSucceeded", "NodeCached", "NodeFailed", "NodeMissing", "NodeBlocked", "NodeUnneeded"] as const,
)

/** Whether a node is done, and there is nothing to say of it. */
const isPlain = (event: Settling): boolean =>
  event._tag === "NodeSucceeded" && (event.again === undefined || event.again === "same")
  && (event.warnings ?? []).length === 0

const settles = (event: Event): event is Settling => settling.has(event._tag)

const doneText = ({ name, nodes, executed, upToDate, failed, same, milliseconds }: Stage): string => {
  const parts = [
    executed === nodes ? counted(nodes, "node") : `${number(executed)} of ${counted(nodes, "node")}`,
    // Of nodes that ran beside each other this is more than the time that passed.
    `${duration(milliseconds)} of work`,
    ...(upToDate > 0 ? [`${number(upToDate)} up to date`] : []),
    ...(same > 0 ? [`${number(same)} made the same again`] : []),
  ]
  const ended = failed > 0 ? `, ${paint.red(`${number(failed)} failed`)}` : ""
  return `${paint.green("done")}     ${name}  ${paint.dim(parts.join(", "))}${ended}`
}

const underwayText = ({ name, nodes, open, failed }: Stage): string =>
  `${paint.cyan("stage")}    ${name}  ${number(nodes - open.size)} of ${counted(nodes, "node")}${
    failed > 0 ? `, ${paint.red(`${number(failed)} failed`)}` : ""
  }`
