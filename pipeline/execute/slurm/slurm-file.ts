import { Schema } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { InputError } from "../../base/errors.ts"
import { didYouMean, nearest } from "../../base/nearest.ts"
import type { Graph, Node } from "../../graph/node.ts"
import { originOf } from "../../graph/origin.ts"
import { asksForState, selectNodes } from "../../graph/select.ts"
import { readYaml } from "../../graph/yaml.ts"
import type { JobOptions } from "./job-options.ts"
import { mebibytesOf, secondsIn } from "./quantities.ts"
import { isOwn } from "./reserved.ts"

/** The file of the project that says how Slurm is asked for jobs. */
export const slurmFile = "slurm.yaml"

const word = (expected: string, pattern: RegExp) => Schema.String.check(Schema.isPattern(pattern, { expected }))

/** What sbatch takes as one word. */
const Word = word("a word, as sbatch takes it", /^[\w.,:=@+%&|*()-]+$/u)
const Module = word("the name of a module, such as cuda/12.4", /^[\w.,:=@+/-]+$/u)
const Line = word("one line that is not empty", /^[^\r\n]*\S[^\r\n]*$/u)
const countTo = (most: number) =>
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: most }, { expected: `a whole number from 1 to ${most}` }))
const Time = Schema.Union([Schema.String, Schema.Finite]).check(
  Schema.makeFilter((text) => secondsIn(text) !== undefined, {
    expected: "a time such as 90m, 2h, 1-12:00:00, or a number of minutes",
  }),
)
/** Slurm takes no more seconds for a signal before the end. */
const MOST_WARNING = 65_535
const Warning = Time.check(
  Schema.makeFilter((text) => (secondsIn(text) ?? 0) <= MOST_WARNING, {
    expected: "a time of at most 18 hours, as Slurm takes it",
  }),
)
const Memory = Schema.Union([Schema.String, Schema.Finite]).check(
  Schema.makeFilter((text) => mebibytesOf(text) !== undefined, {
    expected: "a size such as 64G or 512M, or a number of MiB",
  }),
)
const Option = word("an option of sbatch with its value in one text, such as \"--exclude=node7\"", /^--?\w[^\r\n]*$/u)
  .check(
    Schema.makeFilter((text) => !isOwn(text), {
      expected: "an option that dag does not set itself",
    }),
  )
/** Variables may be in it, and nothing that a shell would execute. */
const Folder = word("a folder such as /scratch/$USER", /^(?:\/|\$\w)[\w./${}@+-]*$/u)

const options = {
  partition: Schema.optionalKey(Word),
  account: Schema.optionalKey(Word),
  qos: Schema.optionalKey(Word),
  constraint: Schema.optionalKey(Word),
  time: Schema.optionalKey(Time),
  memory: Schema.optionalKey(Memory),
  cpus: Schema.optionalKey(countTo(4096)),
  gres: Schema.optionalKey(Word),
  share: Schema.optionalKey(countTo(256)),
  modules: Schema.optionalKey(Schema.Array(Module)),
  setup: Schema.optionalKey(Schema.Array(Line)),
  sbatch: Schema.optionalKey(Schema.Array(Option)),
  scratch: Schema.optionalKey(Folder),
  warning: Schema.optionalKey(Warning),
}
const Selectors = Schema.Union([Schema.NonEmptyString, Schema.NonEmptyArray(Schema.NonEmptyString)])

const Content = Schema.Struct({
  profiles: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  defaults: Schema.optionalKey(Schema.Struct(options)),
  rules: Schema.optionalKey(Schema.Array(Schema.Struct({ nodes: Selectors, ...options }))),
})
type Options = NonNullable<(typeof Content.Encoded)["defaults"]>

/** A rule of the file: what it selects, in which line that stands, and what it says. */
interface Rule {
  readonly selectors: ReadonlyArray<string>
  readonly line: number
  readonly field: string
  readonly options: JobOptions
}

/** What `slurm.yaml` says. */
export interface SlurmFile {
  /** The profiles that run on Slurm where nobody says otherwise. */
  readonly profiles: ReadonlyArray<string>
  readonly defaults: JobOptions
  readonly rules: ReadonlyArray<Rule>
  /** The line of each field of a section, by its name, such as "defaults.time" and "rules[0].time". */
  readonly lines: ReadonlyMap<string, number>
}

/**
 * Reads `slurm.yaml`; a project that has none leaves all to the cluster. Throws an InputError, also where it names a profile
 * that is none of `known`.
 */
export const readSlurmFile = (root: string, known?: ReadonlyArray<string>): SlurmFile => {
  if (!existsSync(join(root, slurmFile))) return { profiles: [], defaults: {}, rules: [], lines: new Map() }
  // A file with nothing but comments says nothing.
  const content = readYaml(root, slurmFile, Schema.NullOr(Content)) ?? {}
  const { profiles = [], defaults = {}, rules = [] } = content
  const at = profiles.findIndex((profile) => known?.includes(profile) === false)
  if (known !== undefined && at >= 0) {
    throw new InputError({
      file: slurmFile,
      line: originOf(content, ["profiles", at])?.line ?? 1,
      field: `profiles[${at}]`,
      message: `there is no profile "${profiles[at]}"`,
      help: `${didYouMean(nearest(profiles[at] ?? "", known, 1))}use some of: ${known.join(", ")}`,
    })
  }
  const lines = new Map<string, number>()
  const sections = [
    { name: "defaults", path: ["defaults"], said: defaults },
    ...rules.map((said, at) => ({ name: `rules[${at}]`, path: ["rules", at], said })),
  ]
  for (const { name, path, said } of sections) {
    for (const field of Object.keys(said)) {
      lines.set(`${name}.${field}`, originOf(content, [...path, field])?.line ?? 1)
    }
  }
  return {
    profiles,
    lines,
    defaults: read(defaults),
    rules: rules.map(({ nodes, ...options }, at) => ({
      selectors: typeof nodes === "string" ? [nodes] : nodes,
      line: originOf(content, ["rules", at, "nodes"])?.line ?? 1,
      field: `rules[${at}].nodes`,
      options: read(options),
    })),
  }
}

const read = ({ time, memory, warning, ...rest }: Options): JobOptions => {
  const [seconds, mebibytes, early] = [secondsIn(time ?? ""), mebibytesOf(memory ?? ""), secondsIn(warning ?? "")]
  return {
    ...rest,
    ...(seconds === undefined ? {} : { time: seconds }),
    ...(mebibytes === undefined ? {} : { memory: mebibytes }),
    ...(early === undefined ? {} : { warning: early }),
  }
}

/** What the file says of the nodes of a graph. */
export interface JobOptionsOf {
  readonly of: (node: Pick<Node, "name">) => JobOptions
  /** Where the file says one of these of a node, such as "rules[0].time": the first of them that it says. */
  readonly saidAt: (node: Pick<Node, "name">, fields: ReadonlyArray<keyof JobOptions>) => string | undefined
  /** Selectors that select no node of this graph, which may be of another profile. */
  readonly idle: ReadonlyArray<Rule>
}

/** The graphs of profiles, whole. */
export type Graphs = ReadonlyArray<Graph>

/** Those of all profiles; undefined where they are not known. */
export type AllGraphs = () => Graphs | undefined

/**
 * Finds what the file says of the nodes of a graph: of two rules, field by field, the later wins. Throws an InputError, also
 * for what selects nothing in any profile.
 */
export const jobOptionsIn = (
  { defaults, rules, lines }: SlurmFile,
  graph: Graph,
  all: AllGraphs = () => undefined,
): JobOptionsOf => {
  const chosen = rules.map((rule) => ({ rule, nodes: selectedBy(rule, graph, all) }))
  const known = new Map<string, JobOptions>()
  const found: JobOptionsOf = {
    of: ({ name }) => {
      const applied = chosen.filter(({ nodes }) => nodes.has(name))
      // Few combinations of rules serve thousands of nodes.
      const id = applied.map(({ rule }) => rule.field).join(" ")
      let options = known.get(id)
      if (options !== undefined) return options
      options = defaults
      for (const { rule } of applied) options = { ...options, ...rule.options }
      known.set(id, options)
      return options
    },
    saidAt: ({ name }, fields) => {
      for (const field of fields) {
        const rule = chosen.findLast(({ rule, nodes }) => nodes.has(name) && rule.options[field] !== undefined)?.rule
        if (rule !== undefined) return `${rule.field.replace(/nodes$/u, "")}${field}`
        if (defaults[field] !== undefined) return `defaults.${field}`
      }
      return undefined
    },
    idle: chosen.filter(({ nodes }) => nodes.size === 0).map(({ rule }) => rule),
  }
  if ([defaults, ...rules.map(({ options }) => options)].some(({ warning }) => warning !== undefined)) {
    checkWarnings(found, graph, lines)
  }
  return found
}

/** Refuses a warning that is before the end of no time: of the nodes that it comes to, none has a limit. */
const checkWarnings = ({ of, saidAt }: JobOptionsOf, graph: Graph, lines: SlurmFile["lines"]): void => {
  const isTimed = new Map<string, boolean>()
  for (const node of graph.nodes.values()) {
    const field = saidAt(node, ["warning"])
    if (field === undefined || isTimed.get(field) === true) continue
    isTimed.set(field, (of(node).time ?? node.resources.timeout) !== undefined)
  }
  for (const [field, is] of isTimed) {
    if (is) continue
    throw new InputError({
      file: slurmFile,
      line: lines.get(field) ?? 1,
      field,
      message: "is a time before the end of `time`, and there is none",
      help: "give the time limit of these jobs, as time: 2:00:00, or leave the warning out: it is 2 minutes then",
    })
  }
}

const selectedBy = (rule: Rule, graph: Graph, all: AllGraphs): ReadonlySet<string> => {
  const { selectors } = rule
  try {
    if (asksForState(graph, selectors)) {
      throw new InputError({ message: "asks how nodes stand, which changes", help: "name the nodes in another way" })
    }
  } catch (error) {
    throw inFile(rule, error)
  }
  const names = new Set<string>()
  for (const selector of selectors) {
    const [own, problem] = selectedIn(graph, selector)
    for (const name of own) names.add(name)
    // It may be meant for another profile.
    if (problem === undefined || all()?.every((each) => selectedIn(each, selector)[1] !== undefined) !== true) continue
    const message = `"${selector}" selects no node of any profile`
    throw inFile(rule, new InputError({ message, help: problem.help }))
  }
  return names
}

/** What a selector selects, or why it selects nothing. */
const selectedIn = (graph: Graph, selector: string): readonly [names: Iterable<string>, problem?: InputError] => {
  try {
    return [selectNodes(graph, { include: [selector], exclude: [] })]
  } catch (error) {
    if (error instanceof InputError) return [[], error]
    throw error
  }
}

const inFile = ({ line, field }: Rule, error: unknown): unknown =>
  error instanceof InputError
    ? new InputError({ file: slurmFile, line, field, message: error.message, help: error.help })
    : error
