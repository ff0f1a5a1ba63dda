import type { Digest } from "../../base/digest.ts"
import { version } from "../../base/version.ts"
import {
  type ActionEntities,
  completed,
  crateTime,
  entitiesOf,
  type Entity,
  fileId,
  programId,
  ref,
  refs,
  stepOf,
  toolOf,
} from "./crate-actions.ts"
import type { Executed, ProvenanceAction } from "./facts.ts"

/** What a crate holds besides the files that it copies. */
export interface Crate {
  /** The text of ro-crate-metadata.json, and of a README.md for people. */
  readonly metadata: string
  readonly readme: string
  /** The tables that belong into the crate, by their paths in it. */
  readonly tables: ReadonlyMap<string, { readonly digest: Digest; readonly size: number }>
}

const root = "./"
const descriptor = "ro-crate-metadata.json"
const readme = "README.md"
const agentId = "#agent"
const profiles = [
  ["https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate"],
  ["https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate"],
  ["https://w3id.org/ro/wfrun/provenance/0.5", "Provenance Run Crate"],
  ["https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate"],
] as const
const bioschemas = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"

/** Terms of the profile that the context of RO-Crate lacks; written out, so that no reader has to fetch them. */
const terms = Object.fromEntries(
  ["resourceUsage", "environment"].map((term) => [term, `https://w3id.org/ro/terms/workflow-run#${term}`]),
)

/**
 * A Workflow Run RO-Crate of actions, by the profile Provenance Run Crate 0.5 (w3id.org/ro/wfrun/provenance): the
 * workflow with its steps and tools, and every action with what it took and made, when it began and when it ended.
 *
 * `workflow` is the path of the workflow's file in the crate, `agent` the name of who ran it. Tables are files of the
 * crate; files from outside and weights are named by their sha256 alone: they are large, or may not be given away.
 */
export const crateOf = (provenance: Executed, workflow: string, agent: string | undefined): Crate => {
  const { project: { licence, repository }, actions } = provenance
  const paths = new Map(actions.flatMap(({ makes }) => makes.map(({ digest }) => [digest, `tables/${digest}.parquet`])))
  const parts = actions.map((action) =>
    entitiesOf(action, paths, repository, agent === undefined ? undefined : agentId)
  )
  const entities = new Map<string, Entity>()
  for (
    const entity of [
      ...ofCrate(provenance, workflow, [workflow, readme, ...paths.values()], parts),
      ...ofWorkflow(provenance, workflow, paths),
      ...(agent === undefined ? [] : [{ "@id": agentId, "@type": "Person", name: agent }]),
      ...(licence === undefined ? [] : [licenceOf(licence)]),
      ...parts.flatMap(({ control, action, others }) => [control, action, ...others]),
      ...ofRun(provenance, workflow, paths, parts, agent),
      ...ofTables(provenance, paths),
    ]
  ) if (!entities.has(entity["@id"])) entities.set(entity["@id"], entity)
  const tables = new Map(
    actions.flatMap(({ makes }) => makes.map(({ digest, size }) => [paths.get(digest) ?? digest, { digest, size }])),
  )
  const document = { "@context": ["https://w3id.org/ro/crate/1.1/context", terms], "@graph": [...entities.values()] }
  return { metadata: `${JSON.stringify(document, null, 1)}\n`, readme: readmeOf(provenance), tables }
}

const licenceId = (licence: string): string => `https://spdx.org/licenses/${licence}`

const licenceOf = (licence: string): Entity => ({
  "@id": licenceId(licence),
  "@type": "CreativeWork",
  name: licence,
  description: `The licence ${licence}, as SPDX lists it`,
})

const licencesId = "#licences"

/** A crate must have a licence. This one holds texts of corpora beside the project's own, each with its own licence. */
const licencesOf = ({ project: { licence }, actions }: Executed): Entity => {
  const sources = actions.flatMap(({ reads }) => reads.map(({ source }) => source?.licence ?? "not stated"))
  return {
    "@id": licencesId,
    "@type": "CreativeWork",
    name: "Licences of what this crate holds",
    description: [
      `the project: ${licence ?? "not stated"}`,
      ...[...new Set(sources)].map((each) => `what was made of files that it read: ${each}`),
    ].join("; "),
  }
}

const nameOf = ({ project, profile }: Executed): string => `${project.name}, profile ${profile}`

/** When the first action began and the last one ended. */
const spanOf = ({ actions }: Executed) => {
  const began = actions.map(({ started }) => started).toSorted()[0]
  const ended = actions.map((action) => action.ended).toSorted().at(-1)
  return {
    ...(began === undefined ? {} : { startTime: crateTime(began) }),
    ...(ended === undefined ? {} : { endTime: crateTime(ended) }),
  }
}

/** What a person is told who opens the folder. */
const readmeOf = (provenance: Executed): string =>
  [
    `# ${nameOf(provenance)}`,
    "",
    `${descriptor} says what was executed (${provenance.actions.length} actions), what each took and made, when, and with`,
    "which program. It is a Workflow Run RO-Crate. The files in tables/ are Parquet, named by the sha256 of their bytes.",
    "Files from outside and weights are named by their sha256 alone.",
    "",
  ].join("\n")

/** The crate itself and the profiles that it keeps to. */
const ofCrate = (
  provenance: Executed,
  workflow: string,
  files: ReadonlyArray<string>,
  parts: ReadonlyArray<ActionEntities>,
): ReadonlyArray<Entity> => {
  const { project: { name, description, author }, profile } = provenance
  const { endTime } = spanOf(provenance)
  return [
    {
      "@id": descriptor,
      "@type": "CreativeWork",
      about: ref(root),
      conformsTo: [ref("https://w3id.org/ro/crate/1.1"), ref("https://w3id.org/workflowhub/workflow-ro-crate/1.0")],
    },
    {
      "@id": root,
      "@type": "Dataset",
      name: nameOf(provenance),
      description: description ?? `What profile ${profile} of ${name} ran, and what it made`,
      ...(endTime === undefined ? {} : { datePublished: endTime }),
      license: ref(licencesId),
      ...(author === undefined ? {} : { author: ref("#author") }),
      conformsTo: profiles.map(([id]) => ref(id)),
      mainEntity: ref(workflow),
      ...refs("hasPart", files),
      ...refs("mentions", ["#run", "#organize", ...parts.map(({ action }) => action["@id"])]),
    },
    licencesOf(provenance),
    {
      "@id": readme,
      "@type": "File",
      name: readme,
      description: "What this folder holds",
      about: ref(root),
      encodingFormat: "text/markdown",
    },
    ...(author === undefined ? [] : [{ "@id": "#author", "@type": "Person", name: author }]),
    ...profiles.map(([id, title]) => ({
      "@id": id,
      "@type": "CreativeWork",
      name: title,
      version: id.slice(id.lastIndexOf("/") + 1),
    })),
  ]
}

/** The workflow, its steps and its tools. */
const ofWorkflow = (
  provenance: Executed,
  workflow: string,
  paths: ReadonlyMap<string, string>,
): ReadonlyArray<Entity> => {
  const { project, actions } = provenance
  const url = project.repository
  const tools = [...new Set(actions.map(({ stage }) => stage))].map((stage) =>
    toolOf(stage, programsOf(actions, stage), url)
  )
  const steps = actions.map((action, index) => stepOf(action, index, url))
  return [
    {
      "@id": workflow,
      "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
      name: nameOf(provenance),
      conformsTo: ref(bioschemas),
      encodingFormat: "text/plain",
      programmingLanguage: ref("#typescript"),
      version: project.version ?? actions.at(-1)?.environment.commit ?? version,
      ...(url === undefined ? {} : { url }),
      ...(project.licence === undefined ? {} : { license: ref(licenceId(project.licence)) }),
      ...refs("hasPart", tools.map((tool) => tool["@id"])),
      ...refs("step", steps.map((step) => step["@id"])),
      output: ref("#output/results"),
    },
    { "@id": bioschemas, "@type": "CreativeWork", name: "ComputationalWorkflow", version: "1.0-RELEASE" },
    {
      "@id": "#typescript",
      "@type": "ComputerLanguage",
      name: "TypeScript",
      url: "https://www.typescriptlang.org/",
      identifier: ref("https://www.typescriptlang.org/"),
    },
    {
      "@id": "#output/results",
      "@type": "FormalParameter",
      name: "results",
      additionalType: "File",
      ...refs("workExample", resultsIn(provenance, paths)),
    },
    {
      "@id": programId(url, "engine"),
      "@type": "SoftwareApplication",
      name: "redag",
      softwareVersion: version,
      ...(url === undefined ? {} : { url }),
    },
    ...tools,
    ...steps,
  ]
}

/** The run of the workflow, and the engine's part in it. */
const ofRun = (
  provenance: Executed,
  workflow: string,
  paths: ReadonlyMap<string, string>,
  parts: ReadonlyArray<ActionEntities>,
  agent: string | undefined,
): ReadonlyArray<Entity> => {
  const span = spanOf(provenance)
  const by = agent === undefined ? {} : { agent: ref(agentId) }
  return [
    {
      "@id": "#organize",
      "@type": "OrganizeAction",
      name: "redag runs the profile",
      instrument: ref(programId(provenance.project.repository, "engine")),
      ...refs("object", parts.map(({ control }) => control["@id"])),
      result: ref("#run"),
      ...span,
      ...by,
    },
    {
      "@id": "#run",
      "@type": "CreateAction",
      name: `profile ${provenance.profile}`,
      description: "From the beginning of the first action to the end of the last one, in however many runs",
      instrument: ref(workflow),
      ...refs("object", readIn(provenance)),
      ...refs("result", resultsIn(provenance, paths)),
      ...span,
      ...by,
      actionStatus: completed,
    },
  ]
}

const ofTables = (provenance: Executed, paths: ReadonlyMap<string, string>): ReadonlyArray<Entity> => {
  const results = new Set(resultsIn(provenance, paths))
  const names = Map.groupBy(
    provenance.actions.flatMap(({ node, makes }) => makes.map((made) => ({ name: `${node}:${made.output}`, ...made }))),
    ({ digest }) => paths.get(digest) ?? digest,
  )
  return [...names].flatMap(([path, same]) =>
    same.slice(0, 1).map(({ digest, size }) => ({
      "@id": path,
      "@type": "File",
      name: same.map(({ name }) => name).join(", "),
      encodingFormat: "application/vnd.apache.parquet",
      contentSize: String(size),
      sha256: digest,
      ...(results.has(path) ? { exampleOfWork: ref("#output/results") } : {}),
    }))
  )
}

/** The files from outside that actions read. */
const readIn = ({ actions }: Executed): ReadonlyArray<string> => actions.flatMap(({ reads }) => reads.map(fileId))

/** The tables that no action took. */
const resultsIn = ({ actions }: Executed, paths: ReadonlyMap<string, string>): ReadonlyArray<string> => {
  const taken = new Set(actions.flatMap(({ takes }) => takes.map(({ digest }) => digest)))
  return actions.flatMap(({ makes }) => makes.flatMap(({ digest }) => taken.has(digest) ? [] : paths.get(digest) ?? []))
}

/** The digests of the programs of a stage: nodes with other options have other ones. */
const programsOf = (actions: ReadonlyArray<ProvenanceAction>, stage: string): string =>
  [...new Set(actions.flatMap((action) => (action.stage === stage ? [`sha256 ${action.code}`] : [])))].join(", ")
