import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
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

  it("does not believe a memory that is damaged", async () => {
    await run()
    const [path = ""] = remembered()
    const text = readFileSync(path, "utf8")
    for (const damaged of ["", "{}", text.slice(0, -9), text.replace("\"nodes\":8", "\"nodes\":9")]) {
      writeFileSync(path, damaged)
      expect(await run()).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^0 .* 8 up to date/u) })
    }
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

/** What is otherwise, and what runs then. */
type Edit = readonly [what: string, edit: () => Variables, executed: ReadonlyArray<string>]

/** What the edits edit. */
const sources = ["params.yaml", "numbers.txt", "stages/add/plus.ts"]

const edits: ReadonlyArray<Edit> = [
  [
    "a param in a file",
    () => (project.edit("params.yaml", "by: 10\n", "by: 20\n"), {}),
    ["add 20", "clip 50", "total"],
  ],
  [
    "a variable that the declaration reads",
    () => {
      writeFileSync(project.beside("numbers.txt"), "7\n")
      return { RIG_NUMBERS: project.beside("") }
    },
    ["add 1", "add 10", "add 100", "clip 50", "clip 50", "clip 50", "read", "total"],
  ],
  [
    "a file of the same size and time",
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
    () => (project.edit("stages/add/plus.ts", "one + other", "one + other + 1"), {}),
    ["add 1", "add 10", "add 100", "clip 50", "clip 50", "clip 50", "total"],
  ],
  ["an object that is gone", () => (rmSync(objectOf("total/all")), {}), ["total"]],
  ["an object that was cut short", () => (truncateSync(objectOf("total/all"), 9), {}), ["total"]],
  ["a bit of the results", () => (flip(objectOf("total/all")), {}), ["total"]],
  ["a record that is gone", () => (rmSync(recordOf("total/all").path), {}), ["total"]],
  ["a record that is damaged", () => (flip(recordOf("total/all").path), {}), ["total"]],
]

describe("a run with nothing to do but", () => {
  beforeAll(async () => {
    project.reset()
    expect(await run()).toMatchObject({ code: 0 })
    project.executions()
  })

  it.each(edits)("%s sees it", async (_, edit, executed) => {
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

it("a file that is edited while a run with nothing to do looks at it is seen by the next one", async () => {
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
