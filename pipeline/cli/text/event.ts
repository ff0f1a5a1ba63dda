import { short } from "../../base/digest.ts"
import { counted, duration, indent, some } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import type { Event } from "../../store/events.ts"
import { failureText } from "./failure.ts"
import { atWorkText, gpusHeldText, jobElsewhereText } from "./holder.ts"
import { warningText } from "./node.ts"
import { retriedText } from "./retried.ts"

/** What stays on the screen of an event, if anything does. */
export const eventText = (event: Event): string | undefined => {
  switch (event._tag) {
    case "NodeSucceeded":
      return succeededText(event)
    case "NodeFailed":
      return `${paint.red("failed")}   ${event.node}\n${indent(failureText(event.failure), 9)}`
    case "NodeMissing":
      // Said before the run, once for all nodes.
      return event.leftOut === true
        ? undefined
        : `${paint.yellow("missing")}  ${event.node}  ${paint.dim(`${event.title}: ${event.names.join(", ")}`)}`
    case "NodeRetried":
      return retriedText(event)
    case "NodeElsewhere":
      return event.changed === true ? undefined : waitingText(event)
    case "NodeWaits":
      return `${paint.yellow("waits")}    ${event.node}  ${paint.dim(gpusHeldText(event.gpus))}`
    case "ObjectDamaged": {
      const { node, object, makers } = event
      const maker = makers.length === 0 ? "what made it" : some(makers)
      const words = `object ${short(object)} is damaged or gone; ${maker} will make it again`
      return `${paint.yellow("damaged")}  ${node}  ${paint.dim(words)}`
    }
    case "NodeCached":
      return event.elsewhere === true
        ? `${paint.green("done")}     ${event.node}  ${paint.dim("executed by another run")}`
        : event.frozen === true
        ? `${paint.yellow("frozen")}   ${event.node}  ${paint.dim("stays as it last was")}`
        : undefined
    case "NodeBlocked":
      return event.leftOut === true
        ? undefined
        : `${paint.yellow("blocked")}  ${event.node}  ${paint.dim(`by ${event.by}`)}`
    default:
      return undefined
  }
}

const succeededText = (event: Extract<Event, { readonly _tag: "NodeSucceeded" }>): string => {
  const rows = Object.values(event.rows).reduce((sum, count) => sum + count, 0)
  const counts = Object.entries(event.counts)
    .map(([name, value]) => `${value.toLocaleString("en", { maximumFractionDigits: 6 })} ${name}`)
  const made = counts.length > 0 ? counts.join(", ") : counted(rows, "row")
  const time = event.shared ? "shared" : duration(event.milliseconds)
  if (event.again === "other" || event.again === "replaced") {
    const which = event.again === "other" ? "the first ones count" : "these count from now on"
    return `${paint.red("conflict")} ${event.node}  ${paint.dim(`${time}, made other bytes than before; ${which}`)}`
  }
  const same = event.again === "same" ? ", made the same again" : ""
  const done = `${paint.green("done")}     ${event.node}  ${paint.dim(`${time}, ${made}${same}`)}`
  return [done, ...(event.warnings ?? []).map(warningText)].join("\n")
}

/** What another run executes that this one waits for. */
const waitingText = (event: Extract<Event, { readonly _tag: "NodeElsewhere" }>): string => {
  const { node, lost, job } = event
  const words = lost
    ? "this run stood still for so long that it was taken for dead; another may execute it, and this one waits"
    : job === undefined
    ? atWorkText(event)
    : jobElsewhereText({ ...event, job })
  return `${paint.yellow(lost ? "lost " : "waits")}    ${node}  ${paint.dim(words)}`
}
