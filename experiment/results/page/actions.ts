import { hash } from "node:crypto"
import { type ActionFacts, actionFacts, bytes, type CodeFacts, counted } from "redag"
import { Markup, markup, nothing } from "../markup.ts"
import type { Ancestor } from "../origins.ts"
import { folded, moment } from "./parts.ts"

/** The id of the entry of an action on a page, by what its lineage names it. */
export const actionId = (id: string): string => `action-${hash("sha256", id).slice(0, 16)}`

const codeId = (digest: string): string => `code-${digest.slice(0, 16)}`

/** Values that several actions share, each shown once, by the id of their entry. */
type Values = Map<string, string>

/** All actions by stage, and after them the code and the long values that they share. */
export const actionsCatalogue = (lineage: ReadonlyArray<Ancestor>): Markup => {
  const actions = actionFacts(lineage)
  const values: Values = new Map()
  const ranks = ranksOf(actions)
  const stages = [...Map.groupBy(actions, ({ stage }) => stage)].toSorted(([a], [b]) =>
    (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || (a < b ? -1 : 1)
  )
  const listed = stages.map(([stage, own]) =>
    folded(
      markup`${stage}: ${counted(own.length, "action")}`,
      markup`${own.toSorted(byNode).map((action) => renderAction(action, values))}`,
    )
  )
  const codes = new Map(
    stages.flatMap(([stage, own]) => own.map(({ code }) => [code.digest, { stage, code }] as const)),
  )
  return markup`<h3>Actions</h3>
${actions.length === 0 ? markup`<p class="note">No records are known.</p>` : listed}
<h3>Code</h3>
${[...codes.values()].map(({ stage, code }) => renderCode(stage, code))}
${
    values.size === 0 ? nothing : markup`<h3>Values that actions share</h3>
${
      [...values].map(([id, value]) =>
        markup`<article id="${id}">${
          folded(markup`<code>${beginning(value)}</code>`, markup`<pre>${value}</pre>`)
        }</article>
`
      )
    }`
  }`
}

/** How a long value begins, for whoever looks for one. */
const beginning = (value: string): string => {
  const text = value.replace(/\s+/gu, " ")
  return text.length > 90 ? `${text.slice(0, 89)}…` : text
}

/** The longest way from raw files to an action of each stage: what is made of something stands after it. */
const ranksOf = (actions: ReadonlyArray<ActionFacts>): ReadonlyMap<string, number> => {
  const byId = new Map(actions.map((action) => [action.id, action]))
  const depths = new Map<string, number>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    // Until it is known, so that bytes that were made of equal ones lead nobody around in a circle.
    depths.set(id, 0)
    const sources = byId.get(id)?.from.flatMap(({ maker }) => maker?.id ?? []) ?? []
    const depth = 1 + Math.max(0, ...sources.map(depthOf))
    depths.set(id, depth)
    return depth
  }
  const ranks = new Map<string, number>()
  for (const { id, stage } of actions) ranks.set(stage, Math.max(ranks.get(stage) ?? 0, depthOf(id)))
  return ranks
}

const { compare } = new Intl.Collator("en", { numeric: true })
const byNode = (a: ActionFacts, b: ActionFacts): number => compare(a.node, b.node)

const renderAction = (action: ActionFacts, values: Values): Markup => {
  const { id, key, node, ranAs, accepted, made, from, files, params, counts, warnings, code, ran } = action
  const { started, milliseconds, platform, version, commit } = ran
  const rows: ReadonlyArray<readonly [term: string, content: Markup]> = [
    ["key", markup`<code>${key}</code>`],
    ...(ranAs === undefined
      ? []
      : [
        [
          "ran as",
          markup`${ranAs.node}${ranAs.profile === undefined ? "" : ` of profile ${ranAs.profile}`}`,
        ] as const,
      ]),
    ...(accepted === undefined ? [] : [
      [
        "accepted",
        markup`stands for what its node is now, by a declaration of ${accepted.when.slice(0, 10)}: ${accepted.reason}`,
      ] as const,
    ]),
    ...made.map(({ name, rows, artifact, size, digest }) =>
      [
        "made",
        markup`${name}: ${counted(rows, "row")} of ${artifact}, ${bytes(size)}, sha256 <code>${digest}</code>`,
      ] as const
    ),
    ...renderSources(from),
    ...(files.length === 0 ? [] : [["files", renderFiles(files)] as const]),
    ["params", markup`<ul>${Object.entries(params).map(([name, value]) => renderParam(name, value, values))}</ul>`],
    ...warnings.map((text) => ["warning", markup`${text}`] as const),
    ...(counts.length === 0
      ? []
      : [["counts", markup`${counts.map(([name, count]) => `${name} ${count}`).join(", ")}`] as const]),
    ["code", markup`<a href="#${codeId(code.digest)}"><code>${code.digest.slice(0, 16)}</code></a>`],
    [
      "ran",
      markup`${moment(started)}, ${(milliseconds / 1000).toFixed(1)} s, ${platform}, node ${version}${
        commit === undefined ? "" : `, commit ${commit.digest.slice(0, 12)}${commit.dirty ? " with edits" : ""}`
      }`,
    ],
  ]
  return folded(
    markup`${node} <code>${key.slice(0, 12)}</code>`,
    markup`<dl class="facts">${
      rows.map(([term, content]) =>
        markup`<div><dt>${term}</dt><dd>${content}</dd></div>
`
      )
    }</dl>`,
    { id: actionId(id) },
  )
}

/** The node that an artifact came from, and whose bytes were taken where it has other ones now. */
const renderSource = ({ digest, wired, bytes, maker, first }: ActionFacts["from"][number]): Markup => {
  const link = maker === undefined
    ? markup`an action that the store has no record of, sha256 <code>${digest}</code>`
    : markup`<a href="#${actionId(maker.id)}">${maker.node}</a>`
  if (bytes === "before") return markup`<li>other bytes than ${wired ?? ""} has now, made by ${link}</li>`
  if (bytes === "unwired") return markup`<li>${link}, which nothing is wired to now</li>`
  return first === undefined
    ? markup`<li>${link}</li>`
    : markup`<li>${link}; these bytes were first made by action <code>${
      first.key.slice(0, 12)
    }</code> of ${first.node}</li>`
}

/** The makers of inputs by role; long lists of them are folded. */
const renderSources = (from: ActionFacts["from"]): ReadonlyArray<readonly [term: string, content: Markup]> =>
  [...Map.groupBy(from, ({ role }) => role)].map(([role, own]) => {
    const links = own.map(renderSource)
    const list = markup`<ul>${links}</ul>`
    return [
      `from, as ${role}`,
      own.length <= 4 ? list : folded(markup`${counted(own.length, "artifact")}`, list),
    ] as const
  })

const renderFiles = (files: ActionFacts["files"]): Markup => {
  const list = markup`<ul class="files">${
    files.map(({ name, size, digest }) =>
      markup`<li>${name}, ${bytes(size)}, sha256 <code>${digest}</code></li>
`
    )
  }</ul>`
  return files.length <= 4 ? list : folded(markup`${counted(files.length, "file")} with sha256`, list)
}

/** A value in one line, or a link to where a long one is shown for all actions that have it. */
const renderParam = (name: string, value: unknown, values: Values): Markup => {
  const line = JSON.stringify(value) ?? "undefined"
  if (line.length <= 120) return markup`<li>${name} = <code>${line}</code></li>`
  const id = `value-${hash("sha256", line).slice(0, 16)}`
  values.set(id, JSON.stringify(value, null, 2))
  return markup`<li>${name} = <a href="#${id}">${preview(value)}</a></li>`
}

const preview = (value: unknown): string =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? `{ ${Object.keys(value).join(", ")} }`
    : Array.isArray(value)
    ? counted(value.length, "value")
    : "a long value"

const renderCode = (stage: string, { digest, description }: CodeFacts): Markup => {
  const head = markup`${stage} <code>${digest.slice(0, 16)}</code>`
  const id = codeId(digest)
  if (description === undefined) {
    return folded(
      head,
      markup`<p>Its description is gone from the store or damaged. A run that uses this code writes it again.</p>`,
      { id },
    )
  }
  const { declarations, packages } = description
  return folded(
    markup`${head}: ${counted(declarations.length, "declaration")}, ${counted(packages.length, "package")}`,
    markup`<p>Packages: ${
      packages.length === 0 ? "none" : packages.map(([name, version]) => `${name} ${version}`).join(", ")
    }</p>
<ul class="files">${
      declarations.map(([name, declaration]) =>
        markup`<li>${name} <code>${declaration}</code></li>
`
      )
    }</ul>`,
    { id },
  )
}
