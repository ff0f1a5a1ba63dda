import type { Column, Field } from "../../base/columns.ts"
import { digestOfValue } from "../../base/digest.ts"
import { version } from "../../base/version.ts"
import type { Executed, Made, ProjectFacts, ProvenanceAction, ReadFile } from "./facts.ts"
import { parametersOf } from "./params.ts"

/**
 * OpenLineage 2-0-2 events of actions, one JSON text a line: START and COMPLETE of each (openlineage.io/spec).
 *
 * A dataset is an output of a node, or a file from outside, and its version the sha256 of its bytes. The lineage facets
 * say what fed an output: all that its node took, since no more is known. Which columns fed which is not known, so that no
 * column lineage is written.
 */
export const openLineage = ({ project, profile, actions }: Executed): string => {
  const namespace = `redag://${encodeURIComponent(project.name)}/${encodeURIComponent(profile)}`
  const made = new Map(actions.map((action) => [action.id, action]))
  return actions.flatMap((action) => eventsOf(action, project, made, namespace)).map((event) =>
    `${JSON.stringify(event)}\n`
  )
    .join("")
}

const producer = `urn:redag:${version}`
const spec = "https://openlineage.io/spec"

/** A facet says who made it and what it is. */
const facet = (schema: string, content: object): object => ({
  _producer: producer,
  _schemaURL: `${spec}/facets/${schema}`,
  ...content,
})

const eventsOf = (
  action: ProvenanceAction,
  project: ProjectFacts,
  made: ReadonlyMap<string, ProvenanceAction>,
  namespace: string,
): ReadonlyArray<object> => {
  const inputs = inputsOf(action, made, namespace)
  const sources = inputs.map(({ namespace, name }) => ({ namespace, name, type: "DATASET" }))
  const run = { runId: runId(action), facets: runFacets(action) }
  const job = { namespace, name: action.node, facets: jobFacets(action, project, namespace, sources) }
  const lineage = facet("1-0-0/LineageFacet.json#/$defs/LineageDatasetFacet", { inputs: sources })
  const outputs = action.makes.map((each) => {
    const { facets, ...output } = dataset(namespace, action, each)
    const statistics = { rowCount: each.rows, size: each.size, fileCount: 1 }
    return {
      ...output,
      facets: { ...facets, lineage },
      outputFacets: {
        outputStatistics: facet(
          "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
          statistics,
        ),
      },
    }
  })
  const common = { run, job, producer, schemaURL: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent` }
  return [
    { eventType: "START", eventTime: action.started, ...common, inputs, outputs: [] },
    { eventType: "COMPLETE", eventTime: action.ended, ...common, inputs, outputs },
  ]
}

/** A UUID of version 8 (RFC 9562: of what the maker chooses), the same for the same node and execution. */
const runId = ({ id, key, started }: ProvenanceAction): string => {
  const hex = digestOfValue("openlineage/1", { id, key, started })
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4] ?? "8"
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
    .join("-")
}

const runFacets = (
  { params, key, ranFor, code, packages, environment, resources, peakMemory }: ProvenanceAction,
): object => {
  const measured = peakMemory === null ? [] : [["peakMemory", `${peakMemory} MiB`] as const]
  const parameters: ReadonlyArray<readonly [name: string, value: string]> = [
    ...parametersOf(params).map(([name, value]) => [`params.${name}`, value] as const),
    ["key", key],
    ...(ranFor === undefined ? [] : [["executed for", ranFor] as const]),
    ["program", `sha256 ${code}`],
    ...packages.map(([name, its]) => [`package.${name}`, its] as const),
    ...(environment.commit === null
      ? []
      : [["commit", `${environment.commit}${environment.dirty ? ", with edits" : ""}`] as const]),
    ["cpu", String(resources.cpu)],
    ["memory", `${resources.memory} MiB`],
    ["gpu", String(resources.gpu)],
    ...measured,
    ["platform", environment.platform],
    ["processor", environment.processor],
  ]
  return {
    processing_engine: facet("1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet", {
      name: "redag",
      version,
    }),
    executionParameters: facet(
      "1-0-0/ExecutionParametersRunFacet.json#/$defs/ExecutionParametersRunFacet",
      { parameters: parameters.map(([key, value]) => ({ key, value })) },
    ),
  }
}

interface Source {
  readonly namespace: string
  readonly name: string
  readonly type: string
}

const jobFacets = (
  { node, stage, environment: { commit }, makes }: ProvenanceAction,
  { repository }: ProjectFacts,
  namespace: string,
  inputs: ReadonlyArray<Source>,
): object => ({
  jobType: facet("2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet", {
    processingType: "BATCH",
    integration: "REDAG",
    jobType: stage,
  }),
  lineage: facet("1-0-0/LineageFacet.json#/$defs/LineageJobFacet", {
    entries: makes.length === 0
      ? [{ type: "JOB", inputs }]
      : makes.map(({ output }) => ({ type: "DATASET", namespace, name: `${node}:${output}`, inputs })),
  }),
  ...(repository === undefined || commit === null ? {} : {
    sourceCodeLocation: facet("1-1-0/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet", {
      type: "git",
      url: repository,
      version: commit,
    }),
  }),
})

const inputsOf = (
  action: ProvenanceAction,
  made: ReadonlyMap<string, ProvenanceAction>,
  namespace: string,
) => [
  ...action.takes.map(({ digest, maker }) => {
    const source = maker === undefined ? undefined : made.get(maker.action)
    const table = source?.makes.find(({ output }) => output === maker?.output)
    return source === undefined || table === undefined
      ? { namespace: `${namespace}/unknown`, name: digest, facets: { version: versionFacet(digest) } }
      : dataset(namespace, source, table)
  }),
  ...action.reads.map((file) => fileDataset(namespace, file)),
]

const versionFacet = (digest: string): object =>
  facet("1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet", { datasetVersion: digest })

const dataset = (namespace: string, { node }: ProvenanceAction, { output, digest, columns }: Made) => ({
  namespace,
  name: `${node}:${output}`,
  facets: {
    version: versionFacet(digest),
    ...(columns === undefined ? {} : {
      schema: facet("1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet", { fields: columns.map(fieldFacet) }),
    }),
  },
})

const fileDataset = (namespace: string, { name, digest }: ReadFile) => ({
  namespace: `${namespace}/files`,
  name,
  facets: { version: versionFacet(digest) },
})

const fieldFacet = ({ name, column }: Field, index: number): object => ({
  name,
  type: typeOf(column),
  ordinal_position: index + 1,
  ...(column._tag === "Group" ? { fields: column.fields.map(fieldFacet) } : {}),
})

const typeOf = (column: Column): string => {
  switch (column._tag) {
    case "Text":
      return "VARCHAR"
    case "Integer":
      return "BIGINT"
    case "Real":
      return "DOUBLE"
    case "Boolean":
      return "BOOLEAN"
    case "List":
      return `ARRAY<${typeOf(column.item)}>`
    case "Group":
      return "STRUCT"
  }
}
