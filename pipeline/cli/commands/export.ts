import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { isAbsolute, join, normalize, resolve } from "node:path"
import { BlobRef } from "../../base/blob-ref.ts"
import { InputError } from "../../base/errors.ts"
import { counted } from "../../base/text.ts"
import { Store } from "../../store/store.ts"
import { locate, noteStale } from "../artifact.ts"
import { deliver } from "../deliver.ts"
import { exportCurves } from "../export-curves.ts"
import { exportOfficial } from "../export-official.ts"
import { exportProvenance } from "../export-provenance.ts"
import { forceFlag, graphOf, jsonFlag, profileFlag } from "../project.ts"
import { excludeFlag } from "../selecting.ts"
import { print, printJson } from "../text/output.ts"
import { viewText } from "../view-text.ts"

/** `dag export NODE --to FOLDER`: copies an artifact out of the store; with `--curves`, the curves of any number of nodes. */
export const exportCommand = Command.make("export", {
  artifacts: Argument.String("node|digest").pipe(
    Argument.withDescription(
      "A node, one of its outputs as node:output, or the beginning of a digest; any number of nodes with a flag for what to write of them",
    ),
    Argument.variadic(),
  ),
  profile: profileFlag,
  json: jsonFlag,
  to: Flag.String("to").pipe(Flag.withDescription("The folder to copy into")),
  curves: Flag.Boolean("curves").pipe(
    Flag.withDescription(
      "Write the curves of nodes, such as the loss of trainings, as CSV and as event files for TensorBoard; also of those that still run; of all nodes if none is named",
    ),
    Flag.withDefault(false),
  ),
  official: Flag.Boolean("official").pipe(
    Flag.withDescription(
      "Write the predictions of nodes or runs, such as t5-mini/cdr/full, in the form that the official program of their corpus scores; of all if none is named",
    ),
    Flag.withDefault(false),
  ),
  "ro-crate": Flag.Boolean("ro-crate").pipe(
    Flag.withDescription(
      "Write a Workflow Run RO-Crate: what nodes were made by, and their tables; of all nodes if none is named",
    ),
    Flag.withDefault(false),
  ),
  openlineage: Flag.Boolean("openlineage").pipe(
    Flag.withDescription("Write OpenLineage events of what nodes were made by, a line each"),
    Flag.withDefault(false),
  ),
  prov: Flag.Boolean("prov").pipe(
    Flag.withDescription("Write what nodes were made by as PROV-JSON"),
    Flag.withDefault(false),
  ),
  mlflow: Flag.Boolean("mlflow").pipe(
    Flag.withDescription("Write a folder that MLflow reads: a run for each action, with params, metrics and tables"),
    Flag.withDefault(false),
  ),
  gold: Flag.String("gold").pipe(
    Flag.withDescription("For --official: the folder with the files that the official program compares with"),
    Flag.optional,
  ),
  agent: Flag.String("agent").pipe(
    Flag.withDescription("For --ro-crate: the name of who ran the nodes, which the store does not know"),
    Flag.optional,
  ),
  exclude: excludeFlag,
  force: forceFlag,
}, ({ artifacts, exclude, profile, json, to, gold, agent, force, ...given }) =>
  Effect.gen(function*() {
    const store = yield* Store
    const graph = yield* graphOf(profile)
    const [form, other] = forms.filter((each) => given[each])
    if (other !== undefined) {
      return yield* new InputError({
        message: `--${form} and --${other} write different things`,
        help: "give one of them",
      })
    }
    if (form === "official") {
      return yield* exportOfficial(graph, artifacts, to, { gold: Option.getOrUndefined(gold), force, json })
    }
    if (form === "curves") return yield* exportCurves(graph, { include: artifacts, exclude }, to, { force, json })
    if (form !== undefined) {
      const by = Option.getOrUndefined(agent)
      return yield* exportProvenance(form, graph, { include: artifacts, exclude }, to, { force, json, agent: by })
    }
    const [artifact, ...others] = artifacts
    if (artifact === undefined || others.length > 0) {
      return yield* new InputError({
        message: artifact === undefined ? "names no node" : `names ${artifacts.length} artifacts`,
        help: `name one node or digest; ${forms.map((each) => `--${each}`).join(", ")} take any number of nodes`,
      })
    }
    const located = yield* locate(graph, artifact)
    const { node, output, record } = located
    const made = record.outputs[output]
    const row = node.stage.outputs[output]
    if (made === undefined || row === undefined) throw new Error(`${node.name} lost its output ${output}`)
    const rows = yield* store.readRows(row, made.digest)
    const files = rows.flatMap((each) => namedBlob(each))
    // A table whose rows name files is exported as those files, any other as the table itself.
    const copies = files.length > 0 ? files : [{ name: `${output}.parquet`, blob: made }]
    for (const { name } of copies) {
      if (isAbsolute(name) || normalize(name).split("/").includes("..")) {
        return yield* new InputError({
          field: `${node.name}:${output}`,
          message: `names a file outside of the folder: ${name}`,
          help: "run the node again in a store of your own",
        })
      }
    }
    const hit = yield* store.hit(record.key)
    if (
      hit._tag === "Hit" && hit.released?.some((digest) => copies.some(({ blob }) => blob.digest === digest)) === true
    ) {
      return yield* new InputError({
        field: node.name,
        message: "was released by dag gc: its files are gone",
        help: `make them again: dag run --force ${node.name} ${viewText(graph)}`,
      })
    }
    yield* deliver(copies.map(({ name, blob }) => ({ file: join(resolve(to), name), wanted: { copyOf: blob } })), force)
    yield* noteStale(graph, located)
    if (json) {
      yield* printJson(copies.map(({ name, blob }) => ({ file: join(resolve(to), name), digest: blob.digest })))
      return
    }
    yield* print(`${counted(copies.length, "file")} of ${node.name}:${output} in ${to}: ${
      copies.map(({ name }) => name).join(", ")
    }`)
  })).pipe(
    Command.withDescription(
      "Copy an artifact out of the store: a checkpoint's files, a table as Parquet, curves, predictions for an official program, or provenance for other tools",
    ),
  )

/** What is written of any number of nodes, each by a flag of its name. */
const forms = ["curves", "official", "ro-crate", "openlineage", "prov", "mlflow"] as const

const isNamedBlob = Schema.is(Schema.Struct({ name: Schema.String, blob: BlobRef }))

const namedBlob = (row: object): ReadonlyArray<{ readonly name: string; readonly blob: BlobRef }> =>
  isNamedBlob(row) ? [row] : []
