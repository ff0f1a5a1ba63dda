import type { ProvenanceAction, ReadFile } from "./facts.ts"
import { parametersOf } from "./params.ts"

/** A JSON-LD object of a crate. */
export interface Entity {
  readonly "@id": string
  readonly "@type": string | ReadonlyArray<string>
  readonly [property: string]: unknown
}

/** A reference to an entity. */
export const ref = (id: string) => ({ "@id": id })
/** What refers to entities under a property: each once, one without a list around it; nothing where there are none. */
export const refs = (property: string, ids: Iterable<string>) => {
  const found = [...new Set(ids)].map(ref)
  return found.length === 0 ? {} : { [property]: found.length === 1 ? found[0] : found }
}

/** A time in UTC as the profiles want it: with "+00:00" in place of "Z". */
export const crateTime = (time: string): string => time.replace(/Z$/u, "+00:00")

/** The status of an action that came to its end; the store holds no other. */
export const completed = "http://schema.org/CompletedActionStatus"

/** The address of a program of the project: below that of its repository, where that is known. */
export const programId = (url: string | undefined, name: string): string =>
  url === undefined ? `urn:redag:${name}` : `${url}#${name}`
const toolId = (url: string | undefined, stage: string): string => programId(url, `stage/${encodeURIComponent(stage)}`)
const stepId = ({ id }: ProvenanceAction): string => `#step/${encodeURIComponent(id)}`
const actionId = ({ id }: ProvenanceAction): string => `#action/${encodeURIComponent(id)}`

/** A file from outside is named by its sha256. */
export const fileId = ({ digest }: Pick<ReadFile, "digest">): string => `#file/${digest}`

/** The stage of actions, as the tool that they are executions of. */
export const toolOf = (stage: string, programs: string, url: string | undefined): Entity => ({
  "@id": toolId(url, stage),
  "@type": "SoftwareApplication",
  name: `stage ${stage}`,
  softwareVersion: programs,
  ...(url === undefined ? {} : { url }),
})

/** The node of an action, as a step of the workflow. */
export const stepOf = (action: ProvenanceAction, index: number, url: string | undefined): Entity => ({
  "@id": stepId(action),
  "@type": "HowToStep",
  name: action.node,
  position: String(index + 1),
  workExample: ref(toolId(url, action.stage)),
})

/** The files from outside that an action read: named, not carried along. */
export const filesOf = ({ reads }: ProvenanceAction): ReadonlyArray<Entity> =>
  reads.map((file) => ({
    "@id": fileId(file),
    "@type": "CreativeWork",
    name: file.name,
    sha256: file.digest,
    size: `${file.size} bytes`,
    ...(file.source === undefined ? {} : { license: file.source.licence, publisher: file.source.where }),
  }))

/** Weights and other files without columns that an action made: named, not carried along. */
const blobsOf = ({ blobs, node }: ProvenanceAction): ReadonlyArray<Entity> =>
  blobs.map(({ digest, size }) => ({
    "@id": `#blob/${digest}`,
    "@type": "CreativeWork",
    name: `a file of ${node}`,
    sha256: digest,
    size: `${size} bytes`,
  }))

/** An execution, the engine's part in it, and what both name. */
export interface ActionEntities {
  readonly control: Entity
  readonly action: Entity
  readonly others: ReadonlyArray<Entity>
}

/**
 * The entities of an action; `paths` are those of tables in the crate, by digest, `url` is the project's address, and
 * `agent` the entity of who ran it, where they are known.
 */
export const entitiesOf = (
  action: ProvenanceAction,
  paths: ReadonlyMap<string, string>,
  url: string | undefined,
  agent: string | undefined,
): ActionEntities => {
  const params = parametersOf(action.params).map(([name, value]) => ({
    "@id": `${actionId(action)}/param/${encodeURIComponent(name)}`,
    "@type": "PropertyValue",
    name,
    value,
  }))
  const usage = usageOf(action)
  const environment = environmentOf(action)
  const files = filesOf(action)
  const blobs = blobsOf(action)
  const { id, node, ranFor, key, stage, started, ended, accepted } = action
  const description = [
    `An execution of stage ${stage}, key ${key}`,
    ...(ranFor === undefined ? [] : [`executed for ${ranFor}`]),
    ...(accepted === undefined ? [] : [`accepted for what its node is now: ${accepted}`]),
  ]
  return {
    control: {
      "@id": `#control/${encodeURIComponent(id)}`,
      "@type": "ControlAction",
      name: `redag runs ${node}`,
      instrument: ref(stepId(action)),
      object: ref(actionId(action)),
      actionStatus: completed,
    },
    action: {
      "@id": actionId(action),
      "@type": "CreateAction",
      name: node,
      description: description.join(", "),
      identifier: key,
      instrument: ref(toolId(url, stage)),
      ...refs("object", [
        ...action.takes.flatMap(({ digest }) => paths.get(digest) ?? []),
        ...files.map((file) => file["@id"]),
        ...params.map((param) => param["@id"]),
      ]),
      ...refs("result", [
        ...action.makes.flatMap(({ digest }) => paths.get(digest) ?? []),
        ...blobs.map((blob) => blob["@id"]),
      ]),
      startTime: crateTime(started),
      endTime: crateTime(ended),
      ...(agent === undefined ? {} : { agent: ref(agent) }),
      actionStatus: completed,
      ...refs("resourceUsage", usage.map((each) => each["@id"])),
      ...refs("environment", environment.map((each) => each["@id"])),
    },
    others: [...params, ...usage, ...environment, ...files, ...blobs],
  }
}

const usageOf = (action: ProvenanceAction): ReadonlyArray<Entity> =>
  action.peakMemory === null ? [] : [{
    "@id": `${actionId(action)}/peak-memory`,
    "@type": "PropertyValue",
    name: "peak resident memory",
    propertyID: "urn:redag:peak-resident-memory",
    unitCode: "https://qudt.org/vocab/unit/MebiBYTE",
    value: String(action.peakMemory),
  }]

const environmentOf = ({ environment: { platform, processor, versions, commit, dirty } }: ProvenanceAction) => {
  const found: ReadonlyArray<readonly [name: string, value: string]> = [
    ["platform", platform],
    ["processor", processor],
    ...Object.entries(versions).map(([name, its]) => [`version of ${name}`, its] as const),
    ...(commit === null ? [] : [["commit", `${commit}${dirty ? ", with edits" : ""}`] as const]),
  ]
  return found.map(([name, value]): Entity => ({
    "@id": `#environment/${encodeURIComponent(name)}/${encodeURIComponent(value)}`,
    "@type": "PropertyValue",
    name,
    value,
  }))
}
