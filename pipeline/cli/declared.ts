import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import { expand } from "../graph/expand.ts"
import { Project } from "./project.ts"

/** Whether a profile has a node of this name now; one that cannot be declared may have any. */
export const declared = Effect.gen(function*() {
  const { experiment, root } = yield* Project
  const names = new Map<string, ReadonlySet<string> | "any">()
  for (const profile of Object.keys(experiment.profiles)) {
    const known = yield* attempt(() => expand(experiment, profile, root)).pipe(
      Effect.map(({ nodes }): ReadonlySet<string> | "any" => new Set(nodes.keys())),
      Effect.catchTag("InputError", () => Effect.succeed("any" as const)),
    )
    names.set(profile, known)
  }
  return (profile: string, node: string): boolean => {
    const known = names.get(profile)
    return known === "any" || known?.has(node) === true
  }
})
