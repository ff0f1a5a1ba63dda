import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import { counted } from "../base/text.ts"
import type { Graph } from "../graph/node.ts"
import type { Selection } from "../graph/select.ts"
import { type Metric, metricsOfNode } from "../report/metrics.ts"
import { crateOf } from "../report/provenance/crate.ts"
import { type Executed, provenanceOf } from "../report/provenance/facts.ts"
import { mlflowFolder } from "../report/provenance/mlflow.ts"
import { openLineage } from "../report/provenance/openlineage.ts"
import { projectFacts } from "../report/provenance/project.ts"
import { provJson } from "../report/provenance/prov.ts"
import { type Redaction, redaction } from "../report/provenance/redact.ts"
import { type Snapshot, snapshotOf } from "../status/snapshot.ts"
import { deliver, type Delivery } from "./deliver.ts"
import { Project, withoutStore } from "./project.ts"
import { selected, selectionText } from "./selecting.ts"
import { print, printJson, printNote } from "./text/output.ts"
import { viewText } from "./view-text.ts"

/** The forms in which provenance is written, by the name of their flag. */
export type ProvenanceForm = "ro-crate" | "openlineage" | "prov" | "mlflow"

/** The actions that the selected nodes of a graph stand for, with all that these were made from; an error where there is none. */
export const provenanceOfSelected = Effect.fnUntraced(function*(graph: Graph, selection: Selection) {
  const { root, store } = yield* Project
  const { chosen } = yield* selected(graph, selection)
  const snapshot = yield* snapshotOf(graph)
  const names = [...chosen].filter((name) => snapshot.nodes.get(name)?.record !== undefined)
  if (names.length === 0) {
    return yield* new InputError({
      message: `${
        chosen.size === 1 ? `${[...chosen].join("")} has not` : "none of the nodes has"
      } run yet${yield* withoutStore}`,
      help: `run first: dag run${selectionText(selection)} ${viewText(graph)}`,
    })
  }
  const file = join(root, "package.json")
  const redact = redaction([store, root, homedir(), tmpdir()])
  const manifest = yield* attempt(() => existsSync(file) ? readFileSync(file, "utf8") : "{}")
  const project = projectFacts(root, manifest, redact)
  const provenance = yield* provenanceOf(snapshot, names, project, redact)
  const older = names.filter((name) => snapshot.nodes.get(name)?.status._tag !== "Fresh").length
  if (older > 0) {
    yield* printNote(
      `${counted(older, "node")} of ${names.length} ${older === 1 ? "is" : "are"} not up to date: written as ${
        older === 1 ? "it" : "they"
      } last ran`,
    )
  }
  const lacking = chosen.size - names.length
  if (lacking > 0) yield* printNote(`${counted(lacking, "node")} of ${chosen.size} did not run yet: left out`)
  return { snapshot, provenance, redact }
})

/** Writes what the selected nodes were made by in a form that other programs read. */
export const exportProvenance = Effect.fnUntraced(function*(
  form: ProvenanceForm,
  graph: Graph,
  selection: Selection,
  to: string,
  { force, json, agent }: {
    readonly force: boolean
    readonly json: boolean
    /** Who ran it, as far as the user says. */
    readonly agent: string | undefined
  },
) {
  const executed = yield* provenanceOfSelected(graph, selection)
  const { provenance } = executed
  const files = yield* filesOf(form, executed, resolve(to), agent)
  const delivered = yield* deliver(files, force)
  if (json) return yield* printJson(delivered.map(({ file, size }) => ({ file, size })))
  yield* print(
    `${counted(files.length, "file")} of ${counted(provenance.actions.length, "action")} in ${to}${readBy[form]}`,
  )
})

const readBy: Readonly<Record<ProvenanceForm, string>> = {
  "ro-crate": "",
  "openlineage": "",
  "prov": "",
  "mlflow": "; \"MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri FOLDER\" shows them",
}

const filesOf = Effect.fnUntraced(function*(
  form: ProvenanceForm,
  { provenance, snapshot, redact }: {
    readonly provenance: Executed
    readonly snapshot: Snapshot
    readonly redact: Redaction
  },
  folder: string,
  agent: string | undefined,
) {
  const { experiment, root } = yield* Project
  const text = (name: string, content: string): Delivery => ({ file: join(folder, name), wanted: { content } })
  const copies = (tables: ReturnType<typeof crateOf>["tables"]): ReadonlyArray<Delivery> =>
    [...tables].map(([name, copyOf]) => ({ file: join(folder, name), wanted: { copyOf } }))
  switch (form) {
    case "openlineage":
      return [text("openlineage.ndjson", openLineage(provenance))]
    case "prov":
      return [text("prov.json", provJson(provenance))]
    case "ro-crate": {
      const workflow = "dag.config.ts"
      const { metadata, readme, tables } = crateOf(provenance, workflow, agent)
      const config = yield* attempt(() => readFileSync(join(root, workflow), "utf8"))
      const shown = redact.text(config)
      if (shown !== config) {
        yield* printNote(`${workflow} names folders of this machine, or a password: its copy has them taken out`)
      }
      return [
        text("ro-crate-metadata.json", metadata),
        text("README.md", readme),
        text(workflow, shown),
        ...copies(tables),
      ]
    }
    case "mlflow": {
      const metrics = new Map<string, ReadonlyArray<Metric>>()
      for (const { id } of provenance.actions) {
        const found = snapshot.nodes.get(id)
        if (found !== undefined) metrics.set(id, yield* metricsOfNode(experiment, found))
      }
      const { texts, tables } = mlflowFolder(provenance, metrics, pathToFileURL(folder).href)
      return [...[...texts].map(([name, content]) => text(name, content)), ...copies(tables)]
    }
  }
})
