import { digestOfValue } from "../../base/digest.ts"
import type { Metric } from "../metrics.ts"
import type { Executed, ProvenanceAction } from "./facts.ts"
import { fileNames } from "./file-names.ts"
import { parametersOf } from "./params.ts"

/** Files of the folder that MLflow's file store reads, by their paths below it; tables by the digest of their bytes. */
export interface MlflowFolder {
  readonly texts: ReadonlyMap<string, string>
  readonly tables: ReadonlyMap<string, { readonly digest: ProvenanceAction["key"]; readonly size: number }>
}

/** The longest value of a param that MLflow takes, in characters (mlflow.utils.validation, MAX_PARAM_VAL_LENGTH). */
const longestParam = 6000

/**
 * A folder for MLflow's file store (read with MLFLOW_ALLOW_FILE_STORE=true): an experiment for the profile and a run for
 * each action, with its params, its metrics by step, and its tables as artifacts.
 *
 * `address` is that of the folder, as a URL: MLflow finds artifacts by it, so that a folder that is moved is to be
 * written again.
 */
export const mlflowFolder = (
  { project, profile, actions }: Executed,
  metrics: ReadonlyMap<string, ReadonlyArray<Metric>>,
  address: string,
): MlflowFolder => {
  const name = `${project.name}, profile ${profile}`
  // MLflow wants digits. 15 of them are exact in any reader.
  const experiment = String(Number.parseInt(digestOfValue("mlflow/1", name).slice(0, 12), 16)).slice(0, 15)
  const texts = new Map<string, string>()
  const tables = new Map<string, { readonly digest: ProvenanceAction["key"]; readonly size: number }>()
  const began = actions.map(({ started }) => Date.parse(started)).reduce((one, other) => Math.min(one, other), Infinity)
  const ended = actions.map((action) => Date.parse(action.ended)).reduce((one, other) => Math.max(one, other), 0)
  texts.set(
    `${experiment}/meta.yaml`,
    yaml({
      artifact_location: `${address}/${experiment}`,
      creation_time: Number.isFinite(began) ? began : 0,
      experiment_id: experiment,
      last_update_time: ended,
      lifecycle_stage: "active",
      name,
    }),
  )
  for (const action of actions) {
    const id = digestOfValue("mlflow/1", { node: action.id, key: action.key }).slice(0, 32)
    const folder = `${experiment}/${id}`
    texts.set(`${folder}/meta.yaml`, metaOf(action, id, experiment, `${address}/${folder}/artifacts`))
    // A run that lacks one of the folders artifacts, metrics, params and tags is found by a search and denied by its id.
    texts.set(`${folder}/artifacts/redag-key.txt`, `${action.key}\n`)
    for (const [name, value] of tagsOf(action)) texts.set(`${folder}/tags/${name}`, value)
    const params = [["redag.stage", action.stage] as const, ...parametersOf(action.params)]
    const paramNames = fileNames(params.map(([name]) => name))
    for (const [name, value] of params.toReversed()) {
      texts.set(`${folder}/params/${paramNames.get(name) ?? name}`, value.slice(0, longestParam))
    }
    const at = Date.parse(action.ended)
    const seconds = (at - Date.parse(action.started)) / 1000
    const took: Metric = { name: "redag.seconds", points: [{ step: 0, value: seconds }] }
    const figures = [took, ...metrics.get(action.id) ?? []]
    const figureNames = fileNames(figures.map(({ name }) => name))
    for (const { name, points } of figures) {
      texts.set(
        `${folder}/metrics/${figureNames.get(name) ?? name}`,
        points.map(({ step, value }) => `${at} ${value} ${Math.round(step)}\n`).join(""),
      )
    }
    const outputNames = fileNames(action.makes.map(({ output }) => `${output}.parquet`))
    for (const { output, digest, size } of action.makes) {
      tables.set(`${folder}/artifacts/${outputNames.get(`${output}.parquet`) ?? output}`, { digest, size })
    }
  }
  return { texts, tables }
}

const metaOf = (action: ProvenanceAction, id: string, experiment: string, artifacts: string): string =>
  yaml({
    artifact_uri: artifacts,
    end_time: Date.parse(action.ended),
    entry_point_name: "",
    experiment_id: experiment,
    lifecycle_stage: "active",
    run_id: id,
    run_name: action.node,
    source_name: "",
    // 4 is LOCAL of mlflow's SourceType, 3 is FINISHED of its RunStatus.
    source_type: 4,
    source_version: "",
    start_time: Date.parse(action.started),
    status: 3,
    user_id: "",
  })

const tagsOf = ({ node, key, stage, code, environment: { commit, platform } }: ProvenanceAction) =>
  [
    ["mlflow.runName", node],
    ["mlflow.source.name", "dag.config.ts"],
    ["mlflow.source.type", "LOCAL"],
    ...(commit === null ? [] : [["mlflow.source.git.commit", commit] as const]),
    ["redag.key", key],
    ["redag.stage", stage],
    ["redag.program", code],
    ["redag.platform", platform],
  ] as const

/** YAML of texts and numbers: JSON is YAML. */
const yaml = (fields: Readonly<Record<string, string | number>>): string =>
  Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join("")
