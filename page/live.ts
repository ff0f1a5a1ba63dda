import { useEffect, useState } from "preact/hooks"
import type { NodeState, RunNode } from "../pipeline/cli/ui/messages.ts"
import { listen } from "./api.ts"

const states: Readonly<Partial<Record<RunNode["state"], NodeState>>> = {
  "running": "running",
  "done": "fresh",
  "up to date": "fresh",
  "failed": "failed",
}

/**
 * What is heard of runs, by node, since the graph was last asked for, and its version: another one means that the graph
 * is to be asked for again.
 */
export const useLiveStates = (): { readonly version: number; readonly states: ReadonlyMap<string, NodeState> } => {
  const [held, hold] = useState<{ readonly version: number; readonly states: ReadonlyMap<string, NodeState> }>(
    { version: 0, states: new Map() },
  )
  useEffect(() =>
    listen((message) => {
      switch (message._tag) {
        case "Graph":
          return hold({ version: message.version, states: new Map() })
        case "Problem":
        case "Outdated":
          return undefined
        case "Run":
          return hold(({ version, states: before }) => ({
            version,
            states: new Map([
              ...before,
              ...message.nodes.flatMap(({ node, state }) => {
                const now = states[state]
                return now === undefined ? [] : [[node, now] as const]
              }),
            ]),
          }))
      }
    }), [])
  return held
}

/** The version of the graph: another one means that what was asked for is to be asked for again. */
export const useVersion = (): number => {
  const [version, hold] = useState(0)
  useEffect(() => listen((message) => message._tag === "Graph" ? hold(message.version) : undefined), [])
  return version
}

/** What whoever looks at any page has to know; undefined where all is as it should be. */
export const useNotice = (): { readonly message: string; readonly help: string } | undefined => {
  const [problem, hold] = useState<{ readonly message: string; readonly help: string } | undefined>(undefined)
  const [isOutdated, note] = useState(false)
  useEffect(() =>
    listen((message) => {
      if (message._tag === "Outdated") note(true)
      else if (message._tag === "Problem") hold(message)
      else if (message._tag === "Graph") hold(undefined)
    }), [])
  return isOutdated ? { message: "The code changed.", help: "Start dag ui again to see what that changes." } : problem
}
