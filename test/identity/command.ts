import { execFile } from "node:child_process"
import { mkdirSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import type { Edit } from "./edit.ts"
import { laboratoryFiles, repository } from "./files.ts"
import type { Verdict } from "./judge.ts"

/** A node as `dag plan --json` gives it. */
interface State {
  readonly node: string
  readonly state: string
  /** By input, the outputs that it reads. */
  readonly sources: Readonly<Record<string, ReadonlyArray<{ readonly node: string }>>>
  readonly outputs: Readonly<Record<string, { readonly digest: string }>>
}

/** How a command ended. */
interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs edits through the real command, some at the same time: `dag run`, the edit, `dag plan`, and `dag run` in the same
 * store. The truth is `dag run` of a copy that was edited from the start and has neither a store nor a build.
 */
export const commandEdits = async (folder: string, edits: ReadonlyArray<Edit>): Promise<ReadonlyArray<Verdict>> => {
  mkdirSync(folder)
  // Where the command's own sources changed it is bundled anew first, which two commands need not do.
  await dag(folder, "--version")
  const verdicts: Array<Verdict> = []
  const left = [...edits.entries()]
  await Promise.all(Array.from({ length: availableParallelism() }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, edit] = next
      const place = join(folder, String(index))
      verdicts[index] = await judged(edit, place).catch((cause: unknown) => verdictOf(edit, { stale: [String(cause)] }))
    }
  }))
  return verdicts
}

const judged = async (edit: Edit, place: string): Promise<Verdict> => {
  const unedited = laboratoryFiles()
  edit.before?.(unedited)
  const edited = unedited.copy()
  edit.apply(edited)
  const { expected } = edit

  const old = join(place, "old")
  unedited.writeTo(old)
  await run(old)
  const before = await plan(old)
  edited.replaceIn(old, unedited)
  if (expected._tag === "Refused") {
    const { code, stderr } = await dag(old, "run")
    const is = code === 1 && expected.message.test(stderr.replaceAll(/\s+/gu, " "))
    return verdictOf(edit, { stale: is ? [] : [`is not refused: ${code} ${stderr}`] })
  }
  const planned = await plan(old)
  const executed = await run(old)
  const after = await plan(old)

  const anew = join(place, "new")
  edited.writeTo(anew)
  await run(anew)
  const truth = await plan(anew)

  const names = [...truth.keys()]
  const differs = (one: ReadonlyMap<string, State>, name: string): boolean =>
    digestsOf(one.get(name)) !== digestsOf(truth.get(name))
  const readsOther = (name: string): boolean =>
    Object.values(truth.get(name)?.sources ?? {}).flat().some((source) => differs(before, source.node))
  const isNamed = (name: string): boolean =>
    expected._tag === "Other" && expected.nodes.some((each) => name === each || name.startsWith(`${each}/`))
  const said = (...states: ReadonlyArray<string>): ReadonlyArray<string> =>
    names.filter((name) => states.includes(planned.get(name)?.state ?? ""))

  const due = names.filter((name) => isNamed(name) || readsOther(name))
  const unasked = executed.filter((name) => !due.includes(name))
  const isNeedless = expected._tag === "Needless"
  return verdictOf(edit, {
    stale: [
      ...names.filter((name) => differs(after, name)),
      ...due.filter((name) => !executed.includes(name)).map((name) => `${name} does not run`),
      ...names.filter((name) => after.get(name)?.state !== "fresh").map((name) => `${name} is not fresh after dag run`),
      ...executed.filter((name) => !said("will-run", "may-run").includes(name)).map((name) =>
        `dag plan does not say that ${name} runs`
      ),
    ],
    needless: [
      ...(isNeedless ? (unasked.length === 0 ? ["is not needless"] : []) : unasked),
      ...said("will-run").filter((name) => !executed.includes(name)).map((name) => `dag plan says that ${name} runs`),
    ],
    allowed: isNeedless ? expected.as : undefined,
  })
}

const digestsOf = (state: State | undefined): string =>
  JSON.stringify(Object.entries(state?.outputs ?? {}).map(([role, { digest }]) => `${role} ${digest}`).toSorted())

/** Brings a project up to date; gives the nodes that were executed. */
const run = async (root: string): Promise<ReadonlyArray<string>> => {
  const { stdout } = succeeded(await dag(root, "run", "--json"))
  return stdout.trimEnd().split("\n").flatMap((line) => {
    const event = JSON.parse(line) as { readonly _tag: string; readonly node?: string }
    return event._tag === "NodeStarted" && event.node !== undefined ? [event.node] : []
  })
}

const plan = async (root: string): Promise<ReadonlyMap<string, State>> => {
  const { stdout } = succeeded(await dag(root, "plan", "--json"))
  return new Map((JSON.parse(stdout) as ReadonlyArray<State>).map((state) => [state.node, state]))
}

const succeeded = (ended: Ended): Ended => {
  if (ended.code !== 0) throw new Error(`dag ends with ${ended.code}: ${ended.stderr}`)
  return ended
}

const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("DAG_") && name !== "NODE_OPTIONS"),
)

const dag = async (cwd: string, ...words: ReadonlyArray<string>): Promise<Ended> => {
  const node = join(repository, "node_modules/.bin/node")
  const command = promisify(execFile)(node, [join(repository, "dist/dag.js"), ...words], { cwd, env: environment })
  return command.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (cause: unknown) => ({ code: 1, stdout: "", stderr: String(cause), ...cause as Partial<Ended> }),
  )
}

const verdictOf = ({ kind, name }: Edit, found: Partial<Omit<Verdict, "edit">>): Verdict => ({
  edit: { kind: `dag run: ${kind}`, name },
  slips: [],
  stale: [],
  needless: [],
  allowed: undefined,
  ...found,
})
