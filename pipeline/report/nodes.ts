import type { Duration } from "../status/durations.ts"
import type { NodeSnapshot } from "../status/snapshot.ts"
import type { Status } from "../status/status.ts"
import type { Accepted } from "../store/accepted.ts"

/** A node of a snapshot for machines; `state` is "fresh", "will-run", "may-run", "missing", "blocked" or "unneeded". */
export interface NodeForMachines {
  readonly node: string
  readonly stage: string
  readonly state: string
  /** What is the same for every state, and what only some have. */
  readonly [fact: string]: unknown
}

/** A node of a snapshot for machines: what a run would do and why, what it takes from where, and what it last made. */
export const nodeForMachines = ({ node, status, record }: NodeSnapshot): NodeForMachines => {
  const wires = [...node.inputs]
  return {
    node: node.name,
    stage: node.stage.name,
    ...statusForMachines(status),
    sources: Object.fromEntries(
      wires.flatMap(([role, wire]) =>
        wire._tag === "Artifacts" ? [[role, wire.refs.map(({ node, output }) => ({ node, output }))]] : []
      ),
    ),
    files: Object.fromEntries(
      wires.flatMap(([role, wire]) =>
        wire._tag === "Files" ? [[role, { base: wire.set.base, names: wire.set.names }]] : []
      ),
    ),
    outputs: record?.outputs ?? {},
  }
}

/** How long a node is expected to take, and from how many recorded actions that is known; nothing where it is not. */
export const expectedForMachines = (duration: Duration | undefined): object => {
  if (duration === undefined) return {}
  const { milliseconds, basis, isHere } = duration
  return {
    expected: {
      milliseconds: Math.round(milliseconds),
      from: basis._tag === "Speed" ? "speed" : basis._tag === "Mean" ? "mean" : "last time",
      of: basis._tag === "LastTime" ? 1 : basis.of,
      here: isHere,
    },
  }
}

const acceptance = ({ as, reason, differences, when }: Accepted): object => ({ as, reason, differences, when })

const statusForMachines = (status: Status): { readonly state: string; readonly [fact: string]: unknown } => {
  switch (status._tag) {
    case "Fresh":
      return {
        state: "fresh",
        key: status.key,
        ...(status.frozen === true ? { frozen: true } : {}),
        ...(status.accepted === undefined ? {} : { accepted: acceptance(status.accepted) }),
      }
    case "WillRun": {
      const { after, reasons, action } = status
      return { state: "will-run", key: action?.key ?? null, after, reasons, unfinished: action?.unfinished ?? false }
    }
    case "MayRun":
      return { state: "may-run", key: null, after: status.after, reasons: status.reasons }
    case "Missing": {
      const { set: { title, base }, names, unreadable } = status
      const missing = { title, base, names, ...(unreadable === undefined ? {} : { unreadable }) }
      return { state: "missing", key: null, missing }
    }
    case "Blocked":
      return { state: "blocked", key: null, by: status.by }
    case "Unneeded":
      return { state: "unneeded", key: null }
  }
}
