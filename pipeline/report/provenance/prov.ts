import { version } from "../../base/version.ts"
import type { Executed, ProvenanceAction } from "./facts.ts"
import { parametersOf } from "./params.ts"

/**
 * PROV-JSON of actions (W3C member submission of 24 April 2013): entities are tables and files by the sha256 of their
 * bytes, activities are actions, and the engine is the agent that they were associated with.
 *
 * Equal bytes that two actions made are two entities, each of its action, so that none is said to be made twice. Nodes that
 * share an action are one activity. An output is said to come from all that its action took, since no more is known.
 */
export const provJson = ({ project, profile, actions }: Executed): string => {
  const made = new Map(actions.map((action) => [action.id, action]))
  const entities = new Map<string, object>()
  const activities = new Map<string, object>()
  const used: Array<object> = []
  const generated: Array<object> = []
  const derived: Array<object> = []
  for (const action of actions) {
    const activity = `run:${action.key}`
    if (activities.has(activity)) continue
    activities.set(activity, activityOf(action))
    const sources: Array<string> = []
    for (const { role, digest, maker } of action.takes) {
      const source = maker === undefined ? undefined : made.get(maker.action)
      const entity = source === undefined || maker === undefined ? `sha256:${digest}` : entityOf(source, maker.output)
      if (source === undefined) entities.set(entity, { "redag:sha256": digest })
      sources.push(entity)
      used.push({ "prov:activity": activity, "prov:entity": entity, "prov:role": role })
    }
    for (const { role, name, digest, size, source } of action.reads) {
      const entity = `sha256:${digest}`
      entities.set(entity, {
        "prov:label": name,
        "redag:sha256": digest,
        "redag:bytes": size,
        ...(source === undefined ? {} : { "redag:licence": source.licence, "redag:publishedAt": source.where }),
      })
      sources.push(entity)
      used.push({ "prov:activity": activity, "prov:entity": entity, "prov:role": role })
    }
    for (const { output, artifact, digest, size, rows } of action.makes) {
      const entity = entityOf(action, output)
      entities.set(entity, {
        "prov:label": `${action.node}:${output}`,
        "redag:artifact": artifact,
        "redag:sha256": digest,
        "redag:bytes": size,
        "redag:rows": rows,
      })
      generated.push({
        "prov:entity": entity,
        "prov:activity": activity,
        "prov:time": action.ended,
        "prov:role": output,
      })
      for (const source of new Set(sources)) {
        derived.push({ "prov:generatedEntity": entity, "prov:usedEntity": source, "prov:activity": activity })
      }
    }
  }
  const engine = "redag:engine"
  const document = {
    prefix: {
      redag: `urn:redag:${encodeURIComponent(project.name)}:${encodeURIComponent(profile)}:`,
      run: "urn:redag:action:",
      sha256: "urn:sha256:",
    },
    entity: Object.fromEntries(entities),
    activity: Object.fromEntries(activities),
    agent: {
      [engine]: { "prov:type": { $: "prov:SoftwareAgent", type: "prov:QUALIFIED_NAME" }, "redag:version": version },
    },
    used: numbered("used", used),
    wasGeneratedBy: numbered("made", generated),
    wasDerivedFrom: numbered("from", derived),
    wasAssociatedWith: numbered(
      "by",
      [...activities.keys()].map((activity) => ({ "prov:activity": activity, "prov:agent": engine })),
    ),
  }
  return `${JSON.stringify(document, null, 1)}\n`
}

const entityOf = ({ key }: ProvenanceAction, output: string): string => `run:${key}.${output}`

const activityOf = ({ node, stage, started, ended, params, code, environment }: ProvenanceAction): object => ({
  "prov:startTime": started,
  "prov:endTime": ended,
  "prov:label": node,
  "redag:stage": stage,
  "redag:program": code,
  ...(environment.commit === null ? {} : { "redag:commit": environment.commit }),
  "redag:platform": environment.platform,
  "redag:param": parametersOf(params).map(([name, value]) => `${name} = ${value}`),
})

/** Relations need no names of their own; JSON objects do. */
const numbered = (name: string, relations: ReadonlyArray<object>): object =>
  Object.fromEntries(relations.map((relation, index) => [`_:${name}${index}`, relation]))
