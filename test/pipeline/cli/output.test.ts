import { assert, describe, it } from "@effect/vitest"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { slowly } from "../../rig/often.ts"
import { repository, sharedProject, type Variables } from "../../rig/project.ts"
import { noTerminal, onTerminal } from "../../rig/terminal.ts"

const control = "\u001B"

describe("what the command line prints", () => {
  const project = sharedProject()

  it("is JSON with --json, for every command that looks", async () => {
    const run = await project.dag("run", "--json")
    assert.strictEqual(run.code, 0)
    const events = run.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as { readonly _tag: string })
    assert.strictEqual(events[0]?._tag, "RunStarted")
    const last: object = events.at(-1) ?? {}
    assert.deepInclude(last, { _tag: "RunFinished", outcome: "succeeded", executed: 8 })
    assert.lengthOf(events.filter(({ _tag }) => _tag === "NodeSucceeded"), 8)
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    const outputs = await Promise.all([
      ["plan"],
      ["status"],
      ["why", "total"],
      ["lineage", "total"],
      ["show", "total"],
      ["ls"],
      ["results"],
    ].map(async (words) => ({ words, ended: await project.dag(...words, "--json") })))
    for (const { words, ended } of outputs) {
      assert.strictEqual(ended.code, 0, words.join(" ") + ended.stderr)
      const value: unknown = JSON.parse(ended.stdout)
      assert.isTrue(typeof value === "object" && value !== null, words.join(" "))
    }
  })

  it("is plain where no terminal shows it", async () => {
    for (const words of [["plan"], ["run"], ["ls"], ["status"], ["lineage", "total"], ["show", "total"], ["results"]]) {
      const { stdout, stderr, code } = await project.start(words, { FORCE_COLOR: "1", CI: "true" }).ended
      assert.strictEqual(code, 0, words.join(" "))
      assert.notInclude(stdout + stderr, control, words.join(" "))
    }
  })

  it("traces results back to raw files, params, code and packages", async () => {
    await project.dag("run")
    const { stdout } = await project.dag("lineage", "total")
    assert.match(stdout, /^total\/all {2}key /u)
    assert.match(stdout, /file {5}text: numbers\.txt, 6 B, sha256 [0-9a-f]{64}/u)
    assert.match(stdout, /param {4}by = 100/u)
    assert.match(stdout, /code {5}\d declarations? of \d modules? from stages\/add\/stage\.ts, digest [0-9a-f]{10}/u)
    const shown = await project.dag("show", "add/step0", "--rows", "1")
    assert.match(
      shown.stdout,
      /add\/step0:numbers {2}numbers, 3 rows[^]*row {2}value\n {2}0 {6}2\n\nrows 1 to 2 are not shown/u,
    )
    const digest = /sha256 ([0-9a-f]{64})/u.exec(stdout)?.[1] ?? ""
    assert.include((await project.dag("show", digest.slice(0, 12))).stdout, "row  total  tables\n  0    195       3\n")
  })

  const shownFor = (words: string, variables: Variables = {}, typed?: string) =>
    onTerminal(project, words, variables, typed === undefined ? undefined : { question: "[Y/n]", typed })

  it.skipIf(noTerminal !== "")(`has colours on a terminal, but not with NO_COLOR${noTerminal}`, async () => {
    assert.include((await shownFor("plan", {})).stdout, `${control}[`)
    const plain = await shownFor("plan", { NO_COLOR: "1" })
    assert.include(plain.stdout, "8 nodes: 8 will run")
    assert.notInclude(plain.stdout, control)
  })

  it.skipIf(noTerminal !== "")(
    `asks on a terminal and takes no, Ctrl-C and yes for an answer${noTerminal}`,
    async () => {
      for (const [typed, code] of [["n\r", 0], ["\u0003", 130]] as const) {
        const ended = await shownFor("run", {}, typed)
        assert.strictEqual(ended.code, code, ended.stdout)
        assert.match(ended.stdout, /memory: up to [^]*Go on\? \[Y\/n\][^]*Nothing was done\./u)
        assert.notInclude(ended.stdout, "defect")
        assert.deepStrictEqual(project.executions(), [])
      }
      const yes = await shownFor("run", {}, "\r")
      assert.strictEqual(yes.code, 0)
      assert.include(yes.stdout, "8 nodes executed")
      assert.lengthOf(project.executions(), 8)
    },
  )

  it.skipIf(noTerminal !== "")(
    `row 14: shows control sequences of documents on a terminal, and obeys none${noTerminal}`,
    async () => {
      const remark = "\\e]0;owned\\a\\e[2Jred \\e[31m \\x9b1m \\u202eabc"
      project.edit("params.yaml", "greeting: hello", `greeting: "${remark}"`)
      const shown = "\\u001b]0;owned\\u0007\\u001b[2Jred \\u001b[31m \\u009b1m \\u202eabc"
      const ran = await shownFor("run -y --profile weights", {})
      assert.strictEqual(ran.code, 0, ran.stdout)
      const words = ["show weigh/one", "show weigh/one --json", "lineage weigh/one", "lineage weigh/one --json"]
      for (const command of words.map((each) => `${each} --profile weights`)) {
        const { stdout, code } = await shownFor(command, {})
        assert.strictEqual(code, 0, command)
        assert.include(stdout, shown, command)
        // What is left of control characters is the ends of lines and the colours that the command sets itself.
        const others = stdout.replaceAll("\r\n", "\n").replaceAll(/\p{Cc}\[(?:1|2|22|3[1-6]|39)m/gu, "")
        assert.notMatch(others, /[^\P{Cc}\n]|\u202E/u, command)
        // The colours of the command itself are not the document's.
        assert.strictEqual(stdout.includes(control), !command.includes("--json"), command)
        assert.notInclude(stdout, `red ${control}`)
      }
      project.edit("params.yaml", "2Jred", "2Jblue")
      const planned = await shownFor("plan --profile weights", {})
      assert.include(planned.stdout, "\\u001b[2Jblue")
      assert.notInclude(planned.stdout, `${control}[2J`)
      // In an error too, and on the screen of a run.
      project.write("numbers.txt", `\u001B[2J\u202E\n`)
      const failed = await shownFor("run -y read --profile weights", {})
      assert.strictEqual(failed.code, 1)
      assert.include(failed.stdout, `"\\u001b[2J\\u202e" is no number`)
      assert.notInclude(failed.stdout, `${control}[2J`)
      // A pipe gets what the document holds.
      const piped = await project.dag("show", "weigh/one", "--profile", "weights")
      assert.include(piped.stdout, "\u001B]0;owned\u0007")
    },
  )

  it("ends quietly when whoever reads it has read enough", async () => {
    await project.dag("run", "read")
    const words = ["-c", `"$0" "$1" ls | head -1`, process.execPath, join(repository, "dist/dag.js")]
    const { code, stderr, stdout } = await project.startProgram("bash", words, {}).ended
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.match(stdout, /^node +state/u)
  })

  slowly("is of a run that goes on though nobody reads it any more, and whose exit code is its own", async () => {
    const dag = join(repository, "dist/dag.js")
    const through = (command: string, behaviour: object) =>
      project.startProgram("bash", ["-c", command, process.execPath, dag], { RIG_BEHAVIOUR: JSON.stringify(behaviour) })
        .ended
    const left = await through(`set -o pipefail; "$0" "$1" run | sed 2q >/dev/null`, {})
    assert.deepStrictEqual([left.code, left.stderr], [0, ""])
    assert.lengthOf(project.executions(), 8)
    const failed = await through(`set -o pipefail; "$0" "$1" run --profile heavy | sed 1q >/dev/null`, { a: "stage" })
    assert.strictEqual(failed.code, 1)
    assert.strictEqual((await project.dag("plan", "heavy/b", "--profile", "heavy", "--json")).code, 0)
  })

  it.skipIf(!existsSync("/dev/full"))("is told once where the disk is full, and costs no run", async () => {
    const dag = join(repository, "dist/dag.js")
    const full = (command: string) =>
      project.startProgram("bash", ["-c", `"$0" "$1" ${command} >/dev/full`, process.execPath, dag], {}).ended
    const run = await full("run")
    assert.strictEqual(run.code, 0)
    assert.strictEqual(
      run.stderr,
      "warning: standard output cannot be written: the disk is full; the command goes on\n",
    )
    assert.lengthOf(project.executions(), 8)
    const listed = await full("ls")
    assert.deepStrictEqual([listed.code, listed.stderr], [
      1,
      "error: standard output cannot be written: the disk is full\n",
    ])
  })
})
