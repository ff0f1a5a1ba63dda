import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { envelop, openEnvelope } from "../../../pipeline/store/envelope.ts"
import { firstOfEachKind, slowly } from "../../rig/often.ts"
import { Project, type Variables } from "../../rig/project.ts"

const project = new Project()
afterAll(() => project.remove())

const run = (variables: Variables = {}) => project.start(["run", "--yes"], variables).ended

const contentOf = (path: string): unknown => (JSON.parse(readFileSync(path, "utf8")) as { content: unknown }).content

/** The record that a node has now, as a path and as what it says. */
const recordOf = (node: string) => {
  const versionOf = (path: string): number => Number(/\.(\d+)\.json$/u.exec(path)?.[1])
  const [newest = ""] = project.files("artifacts/heads").toSorted((one, other) => versionOf(other) - versionOf(one))
  const { [node]: key = "" } = contentOf(newest) as Record<string, string>
  const path = project.path("artifacts/actions", `${key}.json`)
  const { outputs } = contentOf(path) as { outputs: Record<string, { digest: string }> }
  return { path, outputs: Object.values(outputs) }
}

const objectOf = (node: string): string => {
  const digest = recordOf(node).outputs[0]?.digest ?? ""
  return project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2))
}

const flip = (path: string): void => {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

const remembered = (): ReadonlyArray<string> =>
  project.files("artifacts/index").filter((path) => basename(path).startsWith("fresh-"))

/** The modules of the build that a command loads: each command is one of its own. */
const loadedBy = async (...words: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const folder = project.beside("loaded")
  rmSync(folder, { recursive: true, force: true })
  expect(await project.start(words, { NODE_V8_COVERAGE: folder }).ended).toMatchObject({ code: 0 })
  return readdirSync(folder).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
      result: ReadonlyArray<{ url: string }>
    }
    return result.map(({ url }) => basename(url))
  })
}

const isWholeCommand = (modules: ReadonlyArray<string>): boolean => modules.some((name) => name.startsWith("run-"))

/** The same memory with another content, sealed as what is written here is. */
const resealed = (text: string, edit: (content: string) => string): string => {
  const opened = openEnvelope(Buffer.from(text))
  return opened._tag === "Sound" ? envelop(edit(opened.text)) : text
}

/** How a memory is damaged; in `npm test` one of each kind is tried. */
type Damage = readonly [what: string, kind: string, damage: (text: string) => string]

/** Whoever believed one of these would say otherwise how many nodes there are or what they made, or fail. */
const damages: ReadonlyArray<Damage> = [
  ["that was cut short", "not sound", (text) => text.slice(0, -9)],
  ["that is empty", "not sound", () => ""],
  ["that holds nothing", "not sound", () => "{}"],
  [
    "that names a node less than it has keys",
    "sound, and has less",
    (text) => resealed(text, (all) => all.replace("\\ntotal/all", "")),
  ],
  [
    "that has less of everything but its names",
    "sound, and has less",
    (text) => resealed(text, (all) => all.replace(/"keys":"[0-9a-f]{64}/u, "\"keys\":\"")),
  ],
  [
    "of an engine that takes keys otherwise",
    "of another engine",
    (text) => resealed(text, (all) => all.replace(/"sample":"[0-9a-f]{64}"/u, `"sample":"${"0".repeat(64)}"`)),
  ],
]

describe("a run with nothing to do", () => {
  beforeAll(async () => {
    expect(await run()).toMatchObject({ code: 0 })
    project.executions()
  })

  it("ends by what the last one remembered, and says what a run says that looked at everything", async () => {
    const short = await run()
    expect(isWholeCommand(await loadedBy("run", "-y"))).toBe(false)
    for (const path of remembered()) rmSync(path)
    const whole = await run()
    const timeless = (text: string) => text.replace(/\d+\.\d s/u, "0.0 s")
    expect({ ...short, stdout: timeless(short.stdout) }).toEqual({ ...whole, stdout: timeless(whole.stdout) })
    expect(short.stdout).toMatch(/^0 nodes executed, 8 up to date, in .*\n\nTotals: \[\{"total":195,"tables":3\}\]\n$/u)
    expect(project.executions()).toEqual([])
    // What it was asked for otherwise is looked at.
    expect(isWholeCommand(await loadedBy("run", "-y", "--jobs", "1"))).toBe(true)
  })

  it.each(firstOfEachKind(damages))("does not believe a memory %s", async (_, __, damage) => {
    await run()
    const [path = ""] = remembered()
    const text = readFileSync(path, "utf8")
    const damaged = damage(text)
    expect(damaged).not.toBe(text)
    writeFileSync(path, damaged)
    expect(await run()).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^0 .* 8 up to date, in .*\n\nTotals: \[\{"total":195,"tables":3\}\]\n$/u),
    })
    // It looked at all, and remembers that in the place of what it did not believe.
    expect(readFileSync(path, "utf8")).not.toBe(damaged)
    expect(isWholeCommand(await loadedBy("run", "-y"))).toBe(false)
  })

  it("minds an object that was found damaged where it is one of its own", async () => {
    await run()
    const suspect = (digest: string): string => {
      const path = project.path("artifacts/suspects", digest)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, "")
      return path
    }
    const other = suspect("0".repeat(64))
    expect(isWholeCommand(await loadedBy("run", "-y"))).toBe(false)
    const own = suspect(recordOf("total/all").outputs[0]?.digest ?? "")
    expect(isWholeCommand(await loadedBy("run", "-y"))).toBe(true)
    // It is as it should be: nothing is made again.
    expect(project.executions()).toEqual([])
    for (const path of [other, own]) rmSync(path, { force: true })
  })

  it("writes heads and code again that are gone", async () => {
    await run()
    for (const folder of ["heads", "code"]) {
      const before = project.files(`artifacts/${folder}`)
      for (const path of before) rmSync(path)
      expect(await run()).toMatchObject({ code: 0 })
      expect(project.files(`artifacts/${folder}`).length).toBeGreaterThan(0)
    }
    expect(project.executions()).toEqual([])
  })
})

/** What is otherwise, of which kind that is, and what runs then. */
type Edit = readonly [what: string, kind: string, edit: () => Variables, executed: ReadonlyArray<string>]

/** What the edits edit. */
const sources = ["params.yaml", "numbers.txt", "stages/add/plus.ts"]

const edits: ReadonlyArray<Edit> = [
  [
    "a param in a file",
    "declared",
    () => (project.edit("params.yaml", "by: 10\n", "by: 20\n"), {}),
    ["add 20", "clip 50", "total"],
  ],
  [
    "a variable that the declaration reads",
    "declared",
    () => {
      writeFileSync(project.beside("numbers.txt"), "7\n")
      return { RIG_NUMBERS: project.beside("") }
    },
    ["add 1", "add 10", "add 100", "clip 50", "clip 50", "clip 50", "read", "total"],
  ],
  [
    "a file of the same size and time",
    "file",
    () => {
      const { atime, mtime } = statSync(project.path("numbers.txt"))
      project.write("numbers.txt", project.read("numbers.txt").replace("3", "4"))
      utimesSync(project.path("numbers.txt"), atime, mtime)
      return {}
    },
    ["add 1", "add 10", "add 100", "clip 50", "clip 50", "clip 50", "read", "total"],
  ],
  [
    "code",
    "code",
    () => (project.edit("stages/add/plus.ts", "one + other", "one + other + 1"), {}),
    ["add 1", "add 10", "add 100", "clip 50", "clip 50", "clip 50", "total"],
  ],
  [
    "one more node",
    "declared",
    () => (project.write("params.yaml", `${project.read("params.yaml").trimEnd()}\n  - by: 7\n`), {}),
    ["add 7", "clip 50", "total"],
  ],
  ["an object that is gone", "gone", () => (rmSync(objectOf("total/all")), {}), ["total"]],
  ["a record that is damaged", "damaged", () => (flip(recordOf("total/all").path), {}), ["total"]],
  ["an object that was cut short", "damaged", () => (truncateSync(objectOf("total/all"), 9), {}), ["total"]],
  ["a bit of the results", "damaged", () => (flip(objectOf("total/all")), {}), ["total"]],
  [
    "a param, and a bit of what the node reads that has it",
    "damaged",
    () => {
      flip(objectOf("read/numbers"))
      // Of what was executed before there are records: nothing would read it.
      project.edit("params.yaml", "by: 10\n", "by: 30\n")
      return {}
    },
    // It is executed again once what it found damaged was made again.
    ["add 30", "add 30", "clip 50", "read", "total"],
  ],
  ["a record that is gone", "gone", () => (rmSync(recordOf("total/all").path), {}), ["total"]],
]

describe("a run with nothing to do but", () => {
  beforeAll(async () => {
    project.reset()
    expect(await run()).toMatchObject({ code: 0 })
    project.executions()
  })

  it.each(firstOfEachKind(edits))("%s sees it", async (_, __, edit, executed) => {
    const files = sources.map((file) => [file, project.read(file)] as const)
    expect(await run()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 nodes executed/u) })
    const variables = edit()
    await run(variables)
    // What is found damaged as it is read is made again by the run after that.
    await run(variables)
    for (const [file, text] of files) project.write(file, text)
    expect(project.executions()).toEqual(executed)
    expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining("\"total\":195") })
    expect(project.executions()).toEqual([])
  })
})

it("a run after an edit declares once, says how all nodes stand and logs the keys of all", async () => {
  project.reset()
  project.edit(
    "dag.config.ts",
    "const main = (dag: Builder) => {",
    "const main = (dag: Builder) => {\n  console.log('declared')",
  )
  expect(await run()).toMatchObject({ code: 0 })
  project.executions()
  project.edit("params.yaml", "by: 10\n", "by: 20\n")
  const { stdout } = await run()
  expect(stdout.match(/declared/gu)).toHaveLength(1)
  expect(stdout).toContain("8 nodes: 1 will run, 2 may run, 5 up to date")
  expect(stdout).toContain("3 nodes executed, 5 up to date")
  expect(project.executions()).toEqual(["add 20", "clip 50", "total"])
  const log = readFileSync(project.files("artifacts/runs").at(-1) ?? "", "utf8")
  const named = [
    "add/step0",
    "add/step1",
    "add/step2",
    "clip/step0",
    "clip/step1",
    "clip/step2",
    "read/numbers",
    "total/all",
  ]
  expect(named.filter((name) => !log.includes(`"${name}"`))).toEqual([])
  // Nodes that take nothing from the edited one, and give it nothing, were not looked at.
  expect(log).toMatch(/"_tag":"NodesCached","nodes":\["add\/step0",/u)
  expect((await project.dag("diff")).stdout).toMatch(/ main +succeeded +3 +5$/mu)
})

describe("a run with nothing to do", () => {
  const totals = async (variables: Variables = {}): Promise<string> => {
    const { code, stdout } = await run(variables)
    expect(code).toBe(0)
    return stdout.split("\n").slice(2).join("\n")
  }

  it("prints the results that the project shows now, whatever they depend on", async () => {
    project.reset()
    project.edit("results.ts", "`Totals: ", "`${process.env[\"RIG_WORD\"] ?? \"Totals\"}: ")
    project.edit(
      "dag.config.ts",
      "\n  results,",
      "\n  ...(process.env[\"RIG_RESULTS\"] === \"no\" ? {} : { results }),",
    )
    await run()
    const usual = await totals()
    expect(usual).toContain("Totals: ")
    expect(await totals({ RIG_WORD: "All" })).toBe(usual.replace("Totals", "All"))
    expect(isWholeCommand(await loadedBy("run", "-y"))).toBe(false)
    expect(await totals({ RIG_RESULTS: "no" })).toBe("")
    expect(await totals()).toBe(usual)
    expect(await totals()).toBe(usual)
  })

  slowly("is not what another run was that ended while the results of this one were printed", async () => {
    project.reset()
    project.edit(
      "results.ts",
      "=> `Totals: ",
      "=> (process.env[\"RIG_OTHER\"] !== undefined && execFileSync(process.execPath, [process.argv[1] ?? \"\", \"run\", \"-y\"], "
        + "{ env: { ...process.env, RIG_OTHER: undefined, RIG_NUMBERS: process.env[\"RIG_OTHER\"] } }), '') + `Totals: ",
    )
    project.edit("results.ts", "import {", "import { execFileSync } from \"node:child_process\"\nimport {")
    writeFileSync(project.beside("numbers.txt"), "7\n")
    await run()
    const own = recordOf("total/all").path
    for (const path of remembered()) rmSync(path)
    await run({ RIG_OTHER: project.beside("") })
    expect(recordOf("total/all").path).not.toBe(own)
    await run()
    expect(recordOf("total/all").path).toBe(own)
  })
})

/** Has a process edit numbers.txt just before it reads it for the nth time, as a user may who saves a file meanwhile. */
const editor = `
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
const { openSync, writeFileSync } = fs
let left = Number(process.env.RIG_EDIT_BEFORE)
fs.openSync = (path, ...rest) => {
  if (String(path).endsWith("numbers.txt") && --left === 0) writeFileSync(path, "1\\n2\\n4\\n")
  return openSync(path, ...rest)
}
syncBuiltinESMExports()
`

slowly("a file that is edited while a run with nothing to do looks at it is seen by the next one", async () => {
  project.reset()
  const first = project.read("numbers.txt")
  const edited = first.replace("3", "4")
  const totalOf = async (text: string): Promise<string> => {
    project.write("numbers.txt", text)
    return /^Totals: .*$/mu.exec((await run()).stdout)?.[0] ?? ""
  }
  const [before, after] = [await totalOf(first), await totalOf(edited)]
  expect(before).not.toBe(after)
  writeFileSync(project.beside("editor.mjs"), editor)
  const options = `${process.env["RIG_NODE_OPTIONS"] ?? ""} --import=${
    pathToFileURL(project.beside("editor.mjs")).href
  }`

  let reads = 0
  for (let isEdited = true; isEdited; reads++) {
    expect(await totalOf(first)).toBe(before)
    for (const path of remembered()) rmSync(path)
    await run({ NODE_OPTIONS: options.trim(), RIG_EDIT_BEFORE: String(reads + 1) })
    isEdited = project.read("numbers.txt") === edited
    expect((await run()).stdout).toContain(isEdited ? after : before)
  }
  // The file is read at least for the keys and for the memory; the last time round it is not edited.
  expect(reads).toBeGreaterThan(2)
})
