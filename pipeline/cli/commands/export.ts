import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { join, resolve } from "node:path"
import { type Digest, isDigest } from "../../base/digest.ts"
import { counted } from "../../base/text.ts"
import { Store } from "../../store/store.ts"
import { locate } from "../artifact.ts"
import { deliver } from "../deliver.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { print, printJson } from "../text/output.ts"

/** `dag export NODE --to FOLDER`: copies an artifact out of the store. */
export const exportCommand = Command.make("export", {
  artifact: Argument.String("node|digest").pipe(
    Argument.withDescription("A node, one of its outputs as node:output, or the beginning of a digest"),
  ),
  profile: profileFlag,
  json: jsonFlag,
  to: Flag.String("to").pipe(Flag.withDescription("The folder to copy into")),
}, ({ artifact, profile, json, to }) =>
  Effect.gen(function*() {
    const store = yield* Store
    const graph = yield* graphOf(profile)
    const { node, output, record } = yield* locate(graph, artifact)
    const made = record.outputs[output]
    const row = node.stage.outputs[output]
    if (made === undefined || row === undefined) throw new Error(`${node.name} lost its output ${output}`)
    const rows = yield* store.readRows(row, made.digest)
    const files = rows.flatMap((each) => namedBlob(each))
    // A table whose rows name files is exported as those files, any other as the table itself.
    const copies = files.length > 0 ? files : [{ name: `${output}.parquet`, digest: made.digest }]
    for (const { name, digest } of copies) {
      yield* deliver(join(resolve(to), name), { copyOf: store.objectPath(digest) })
    }
    if (json) {
      yield* printJson(copies.map(({ name, digest }) => ({ file: join(resolve(to), name), digest })))
      return
    }
    yield* print(`${counted(copies.length, "file")} of ${node.name}:${output} in ${to}: ${
      copies.map(({ name }) => name).join(", ")
    }`)
  })).pipe(Command.withDescription("Copy an artifact out of the store: a checkpoint's files, or a table as Parquet"))

const namedBlob = (row: object): ReadonlyArray<{ readonly name: string; readonly digest: Digest }> => {
  const { name, blob } = row as { readonly name?: unknown; readonly blob?: { readonly digest?: unknown } }
  const digest = blob?.digest
  return typeof name === "string" && isDigest(digest) ? [{ name, digest }] : []
}
