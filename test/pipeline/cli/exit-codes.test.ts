import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { exitCodeMeanings } from "../../../pipeline/cli/exit-codes.ts"
import { repository, sharedProject } from "../../rig/project.ts"

interface Reported {
  readonly error: { readonly kind: string; readonly exitCode: number; readonly message: string; readonly help: string }
}

describe("how a command ends", () => {
  const project = sharedProject()

  it("is told by its exit code, which is another one for each way to end", async () => {
    const code = async (...words: ReadonlyArray<string>) => (await project.dag(...words)).code
    const seen: Record<string, number | null> = {
      stale: await code("plan", "--exit-code"),
      notAsked: await code("plan"),
      unknownCommand: await code("rum"),
      noCommand: await code(),
      unknownFlag: await code("plan", "--nonsense"),
      noArgument: await code("why"),
      noNumber: await code("run", "--jobs", "many"),
      noJobs: await code("run", "--jobs", "0"),
      help: await code("help", "run"),
      helpOfNothing: await code("help", "rum"),
      version: await code("--version"),
      noNode: await code("plan", "nothing/here"),
      missing: await code("run", "--profile", "missing", "add/absent"),
      missingPlan: await code("plan", "--exit-code", "--profile", "missing", "add/absent"),
      missingKeepGoing: await code("run", "-k", "--profile", "missing", "add/absent"),
    }
    assert.deepStrictEqual(project.executions(), [])
    seen["run"] = await code("run")
    seen["upToDate"] = await code("plan", "--exit-code")
    seen["failure"] = (await project.behaving({ a: "stage" }, ["run", "--profile", "heavy"])).code
    await code("run", "clock", "--profile", "clocked")
    seen["otherBytes"] = await code("run", "clock", "--force", "--profile", "clocked")
    project.write("artifacts/stray.txt", "of another program")
    seen["foreign"] = await code("verify")
    for (const [name, signal] of [["interrupted", "SIGINT"], ["terminated", "SIGTERM"]] as const) {
      project.executions()
      const { process: child, ended } = project.start(["run", "heavy/a", "--profile", "heavy"], {
        RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }),
      })
      await project.process("heavy", "a")
      child.kill(signal)
      seen[name] = (await ended).code
    }
    assert.deepStrictEqual(seen, {
      stale: 5,
      notAsked: 0,
      unknownCommand: 2,
      noCommand: 2,
      unknownFlag: 2,
      noArgument: 2,
      noNumber: 2,
      noJobs: 2,
      help: 0,
      helpOfNothing: 2,
      version: 0,
      noNode: 1,
      missing: 6,
      missingPlan: 6,
      missingKeepGoing: 6,
      run: 0,
      upToDate: 0,
      failure: 1,
      otherBytes: 3,
      foreign: 4,
      interrupted: 130,
      terminated: 143,
    })
  })

  it("has each code in the documentation and in the help", async () => {
    const page = readFileSync(join(repository, "docs/commands.md"), "utf8")
    const { stdout } = await project.dag("help")
    for (const [code, meaning] of exitCodeMeanings) {
      assert.include(page, `| ${code} | ${meaning} |`)
      const line = stdout.split("\n").find((each) => each.startsWith(`  ${code} `))
      assert.isTrue(line?.slice(`  ${code} `.length).trimStart().startsWith(meaning.slice(0, 30)), String(code))
    }
  })

  it("is a JSON object on standard output with --json, where nothing else was printed", async () => {
    for (
      const [words, kind, exitCode] of [
        [["plan", "--nonsense"], "UsageError", 2],
        [["rum"], "UsageError", 2],
        [["run", "--jobs", "x"], "UsageError", 2],
        [["why"], "UsageError", 2],
        [["show", "nothing"], "InputError", 1],
      ] as const
    ) {
      const { code, stdout, stderr } = await project.dag(...words, "--json")
      assert.strictEqual(code, exitCode, words.join(" "))
      const { error } = JSON.parse(stdout) as Reported
      assert.deepInclude(error, { kind, exitCode })
      assert.include(stderr, `error: `)
      assert.include(stderr, error.message)
      assert.include(stderr, `help: ${error.help}`)
    }
  })

  it("leaves standard output empty without --json, and proposes the command that was meant", async () => {
    const { stdout, stderr } = await project.dag("plna")
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^error: Unknown subcommand "plna"[^]*did you mean plan/u)
  })

  it("of a dry run is that of a run which has nothing to do: it prints why and what, and writes nothing", async () => {
    const { code, stdout } = await project.dag("run", "--dry-run")
    assert.strictEqual(code, 0)
    assert.match(stdout, /run {6}read\/numbers\n {11}has not run[^]*8 will run[^]*Nothing was done: --dry-run\.\n$/u)
    assert.deepStrictEqual([project.executions(), project.files("artifacts")], [[], []])
    const json = await project.dag("run", "--dry-run", "--json")
    assert.lengthOf(JSON.parse(json.stdout) as ReadonlyArray<unknown>, 8)
    assert.deepStrictEqual(project.files("artifacts"), [])
  })

  it("of help fits 80 columns where the terminal has so many, and names every flag of a command", async () => {
    const { stdout } = await project.dag("help", "run")
    for (const flag of ["--profile", "--keep-going", "--jobs", "--force", "--freeze", "--dry-run", "--json"]) {
      assert.include(stdout, flag)
    }
    assert.isBelow(Math.max(...stdout.split("\n").map((line) => line.length)), 101)
  })
})
