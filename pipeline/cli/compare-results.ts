import { Effect } from "effect"
import type { Node } from "../graph/node.ts"
import { Store } from "../store/store.ts"
import { Project } from "./project.ts"
import type { Revision } from "./revision.ts"
import { type Readable, readable, readTables } from "./tables.ts"

/** What a comparison of two results came to. */
export type Compared =
  | { readonly _tag: "Uncomparable"; readonly why: string }
  | { readonly _tag: "Same" }
  | { readonly _tag: "Different"; readonly text: string }

/** Compares the results of two revisions; undefined where the project declares none. */
export const compareResults = Effect.fnUntraced(function*(before: Revision, after: Revision): Effect.fn.Return<
  Compared | undefined,
  never,
  Project
> {
  const { experiment: { results: view } } = yield* Project
  if (view === undefined) return undefined
  const node = after.graph?.nodes.get(view.node) ?? before.graph?.nodes.get(view.node)
  if (node === undefined) return { _tag: "Uncomparable", why: `no profile of these declares ${view.node}` }
  return yield* Effect.gen(function*() {
    const old = yield* outputsOf("before", before, node)
    const now = yield* outputsOf("after", after, node)
    if (digests(old) === digests(now)) return { _tag: "Same" } as const
    const text = view.compare(yield* tablesOf("before", before, old), yield* tablesOf("after", after, now))
    return text === undefined ? { _tag: "Same" } as const : { _tag: "Different", text } as const
  }).pipe(Effect.catch((why) => Effect.succeed({ _tag: "Uncomparable", why } as const)))
})

/** The outputs of the node that holds results in one revision, or why there are none. */
const outputsOf = (
  label: string,
  { nodes, profile }: Revision,
  node: Node,
): Effect.Effect<ReadonlyArray<Readable>, string> => {
  const version = nodes.get(node.name)
  switch (version?._tag) {
    case undefined:
      return Effect.fail(
        `${label} does not have ${node.name}; compute it and compare again: dag run ${node.name} --profile ${profile}`,
      )
    case "Unmade":
      return Effect.fail(`${label}, where ${node.name} ${version.why}`)
    case "Declared":
      return Effect.fail(`${label} has none as declared yet; compute them: dag run ${node.name} --profile ${profile}`)
    case "Made": {
      const outputs = Object.fromEntries(Object.entries(version.outputs).map(([name, digest]) => [name, { digest }]))
      return Effect.mapError(
        readable(node, { preImage: version.preImage, outputs }),
        ({ message }) => `${label}, where ${node.name} ${message}`,
      )
    }
  }
}

const tablesOf = (label: string, { store }: Revision, outputs: ReadonlyArray<Readable>) =>
  readTables(outputs).pipe(
    Effect.provideService(Store, store),
    Effect.mapError(({ message }) => `${label}, where ${message}`),
  )

const digests = (outputs: ReadonlyArray<Readable>): string =>
  outputs.map(({ name, digest }) => `${name} ${digest}`).join("\n")
