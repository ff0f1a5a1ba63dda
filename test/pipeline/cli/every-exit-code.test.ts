import { assert, describe, it } from "@effect/vitest"
import { rmSync, truncateSync } from "node:fs"
import { commandNames } from "../../../pipeline/cli/commands.ts"
import { sharedProject } from "../../rig/project.ts"

/** A command line and how it ends. */
type Ends = readonly [words: ReadonlyArray<string>, code: number]

/** How a command ends, in a project whose nodes are all up to date. */
interface Row {
  /** Where there is nothing to complain of; undefined where this project has nothing for it. */
  readonly well: ReadonlyArray<string> | undefined
  /** With the name of a node, an artifact or a thing that is not there; undefined where it takes none. */
  readonly unknown: ReadonlyArray<string> | undefined
  /** With an object damaged, where that has a code of its own. */
  readonly damaged?: Ends
  /** With a file in the store that is not of it, where that has a code of its own. */
  readonly foreign?: Ends
  /** After an edit, where a command looks for work. */
  readonly stale?: Ends
  /** Where files are missing that it needs. */
  readonly missing?: Ends
}

const lacking = ["--profile", "missing", "add/absent"]

const rows: Readonly<Record<string, Row>> = {
  run: { well: ["--yes"], unknown: ["nothing/here"], missing: [lacking, 6] },
  watch: { well: [], unknown: ["nothing/here"] },
  plan: {
    well: ["--exit-code"],
    unknown: ["nothing/here"],
    stale: [["--exit-code"], 5],
    missing: [["--exit-code", ...lacking], 6],
  },
  status: { well: [], unknown: ["nothing/here"], stale: [[], 0] },
  why: { well: ["add/step1"], unknown: ["nothing/here"], stale: [["add/step1"], 0] },
  lineage: { well: ["add/step1"], unknown: ["nothing/here"] },
  graph: { well: [], unknown: ["nothing/here"] },
  show: { well: ["add/step1"], unknown: ["nothing/here"] },
  ls: { well: [], unknown: ["nothing/here"], stale: [["state:stale"], 0] },
  results: { well: [], unknown: ["--details", "nothing/here"] },
  // The project does not say how predictions are scored.
  score: { well: undefined, unknown: ["--predictions", "nothing.jsonl"] },
  diff: { well: [], unknown: ["nothing-here"] },
  export: { well: ["add/step1", "--to", "exported"], unknown: ["nothing/here", "--to", "elsewhere"] },
  // The project declares none.
  checklist: { well: undefined, unknown: ["nothing/here"] },
  accept: { well: ["--list"], unknown: ["nothing/here", "--reason", "none"] },
  audit: { well: ["add/step1", "--yes"], unknown: ["nothing/here", "--yes"] },
  prove: { well: ["clip/step0", "--to", "clip.zip"], unknown: ["nothing/here", "--to", "nothing.zip"] },
  key: { well: ["new", "--to", "key.pem"], unknown: ["show", "nothing.pub"] },
  prefetch: { well: [], unknown: ["nothing/here"], missing: [["--profile", "missing"], 6] },
  logs: { well: ["add/step1"], unknown: ["nothing/here"] },
  ui: { well: ["--export", "page.html"], unknown: ["--export", "artifacts/page.html"] },
  doctor: { well: [], unknown: undefined },
  engine: { well: ["list"], unknown: ["add", "nothing"] },
  push: { well: ["--remote", "remote"], unknown: ["nothing/here", "--remote", "remote"] },
  pull: { well: ["--remote", "remote"], unknown: ["nothing/here", "--remote", "remote"] },
  verify: { well: [], unknown: undefined, damaged: [[], 3], foreign: [[], 4] },
  repair: { well: [], unknown: undefined, damaged: [["--dry-run"], 0] },
  gc: { well: ["--dry-run"], unknown: undefined },
  pin: { well: ["--list"], unknown: ["kept", "nothing/here"] },
  completion: { well: ["bash"], unknown: undefined },
}

describe("the exit code of every command", () => {
  const project = sharedProject()

  it("has a row here", () => {
    assert.sameMembers(Object.keys(rows), [...commandNames])
  })

  it("is that of its way to end", async () => {
    assert.strictEqual((await project.dag("run", "--yes")).code, 0)
    const seen: Array<readonly [line: string, code: number | null]> = []
    const wanted: Array<readonly [line: string, code: number]> = []
    const look = async (command: string, [words, code]: Ends) => {
      const line = [command, ...words].join(" ")
      seen.push([line, (await project.dag(command, ...words)).code])
      wanted.push([line, code])
    }
    for (const [command, { well, unknown, missing }] of Object.entries(rows)) {
      await look(command, [["--nonsense"], 2])
      if (unknown !== undefined) await look(command, [unknown, 1])
      if (missing !== undefined) await look(command, missing)
      // That one goes on until somebody ends it.
      if (command !== "watch" && well !== undefined) await look(command, [well, 0])
    }
    project.write("artifacts/stray.txt", "of another program")
    for (const [command, { foreign }] of Object.entries(rows)) if (foreign !== undefined) await look(command, foreign)
    rmSync(project.path("artifacts/stray.txt"))
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    for (const [command, { stale }] of Object.entries(rows)) if (stale !== undefined) await look(command, stale)
    project.edit("params.yaml", "by: 11\n", "by: 10\n")
    const { record } = JSON.parse((await project.dag("why", "read/numbers", "--json")).stdout) as {
      readonly record: { readonly outputs: { readonly numbers: { readonly digest: string } } }
    }
    const { digest } = record.outputs.numbers
    truncateSync(project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2)), 1)
    for (const [command, { damaged }] of Object.entries(rows)) if (damaged !== undefined) await look(command, damaged)
    assert.deepStrictEqual(seen, wanted)
  })
})
