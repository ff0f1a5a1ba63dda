import { assert, describe, it } from "@effect/vitest"
import { readFileSync, writeFileSync } from "node:fs"
import { eventually, sharedProject } from "../../rig/project.ts"

const profile = ["--profile", "learning"]
const run = ["run", "learn/a", ...profile]
const show = ["show", "learn/a:lessons", ...profile]

const stepsOf = (stdout: string): ReadonlyArray<number> =>
  (JSON.parse(stdout) as ReadonlyArray<{ readonly step: number }>).map(({ step }) => step)

const upTo = (last: number): ReadonlyArray<number> => Array.from({ length: last }, (_, index) => index + 1)

describe("the curves of a node", () => {
  const project = sharedProject()
  const theLog = (): string =>
    project.files("artifacts/unfinished").find((file) => file.endsWith("so-far.ndjson")) ?? ""

  it("are drawn above the rows of a finished one, one line for each, those of its other outputs too", async () => {
    assert.strictEqual((await project.dag(...run)).code, 0)
    const { stdout } = await project.dag(...show)
    const lines = stdout.split("\n")
    const [loss, mark] = ["the loss", "mark"].map((title) => lines.find((line) => line.startsWith(title)) ?? "")
    assert.match(lines.find((line) => line.startsWith("step 1 to 40")) ?? "", /first +last +lowest +highest$/u)
    // A hyperbola falls at first; the marks rise, with nothing between them.
    assert.match(loss ?? "", /^the loss +█▄▃▂+▁+ +8 +0\.2 +0\.2 +8$/u)
    assert.match(mark ?? "", /^mark +▁ +▃ +▆ +█ +1 +4 +1 +4$/u)
    assert.match(stdout, /^row {2}step +loss {2}teacher\n {2}0 {5}1 +8 {2}Ann$/mu)
    const ascii = await project.start(show, { LC_ALL: "C" }).ended
    assert.match(ascii.stdout, /^the loss +#~-\.+_+ +8 +0\.2 /mu)
    assert.notInclude(ascii.stdout, "█")
    assert.deepStrictEqual(project.files("artifacts/unfinished"), [])
  })

  it("are there while it is at work, and the run that is at work is named", async () => {
    const running = project.start(run, { RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) })
    await eventually("step 15", () => (project.counted("step a") === 15 ? true : undefined))
    // What was saved last, at step 10, was written with all that was made until then.
    const shown = await eventually("the rows of ten steps", () => (theLog() === "" ? undefined : theLog()))
    await eventually("ten steps", () => (readFileSync(shown, "utf8").includes("\"saved\"") ? true : undefined))
    // The run hears of steps from the process that makes them, and notes them a moment later.
    await eventually(
      "the run has noted ten steps",
      () =>
        project.files("artifacts/runs").some((file) => /"done":1[0-5],/u.test(readFileSync(file, "utf8"))) || undefined,
    )
    const { stdout, code } = await project.dag(...show)
    assert.strictEqual(code, 0)
    assert.match(stdout, /^learn\/a:lessons {2}1[0-5] rows so far$/mu)
    assert.match(stdout, /^running at 1[0-5] of 40 steps: run \S+ \(process \d+[^)]*\) executes it, since /mu)
    assert.match(stdout, /^the loss +█/mu)
    const json = await project.dag(...show, "--rows", "0", "--json")
    assert.deepStrictEqual(stepsOf(json.stdout).slice(0, 10), upTo(10))
    assert.match(json.stderr, /note: learn\/a is not done; it is running at /u)
    // Another profile has another node of that name, whose key is not known before others ran.
    for (const ran of [false, true]) {
      if (ran) assert.strictEqual((await project.dag("run", "add/more", "--profile", "relearning")).code, 0)
      const other = await project.dag("show", "learn/a:lessons", "--profile", "relearning")
      assert.strictEqual(other.code, 1)
      assert.include(other.stderr, "learn/a: has not run yet")
      const exported = await project.dag("export", "--curves", "--to", "other", "--profile", "relearning")
      assert.strictEqual(exported.code, 1)
      assert.include(exported.stderr, "learn/a has made no curves yet")
    }
    project.open()
    assert.strictEqual((await running.ended).code, 0)
    assert.deepStrictEqual(stepsOf((await project.dag(...show, "--rows", "0", "--json")).stdout), upTo(40))
  })

  it("are there to the last step after a failure, and the next run says all steps again that it takes over", async () => {
    assert.strictEqual((await project.behaving({ a: "stage" }, run)).code, 1)
    const failed = await project.dag(...show, "--rows", "0")
    assert.strictEqual(failed.code, 0)
    assert.match(failed.stdout, /failed at 15 of 40 steps in run \S+: [^\n]*; the next run goes on from 10\n/u)
    assert.match(failed.stdout, /^ 14 {4}15 +0\.5\d* {2}Ann$/mu)
    // The next one begins at step 11 and fails before it saves: what it took over is still shown.
    assert.strictEqual((await project.behaving({ a: "bug" }, run)).code, 1)
    const again = await project.dag(...show, "--rows", "0", "--json")
    assert.deepStrictEqual(stepsOf(again.stdout), upTo(15))
    assert.match(again.stderr, /failed at 15 of 40 steps in run \S+: [^\n]*; the next run goes on from 10\n/u)
    const exams = await project.dag("show", "learn/a:exams", ...profile, "--json")
    assert.deepStrictEqual(stepsOf(exams.stdout), [10])
  })

  it("are those that were saved where the process was killed, and none where it showed nothing", async () => {
    const none = await project.dag(...show)
    assert.strictEqual(none.code, 1)
    assert.include(none.stderr, "has not run yet")
    assert.strictEqual((await project.behaving({ a: "kill" }, run)).code, 1)
    const killed = await project.dag(...show, "--rows", "0", "--json")
    assert.deepStrictEqual(stepsOf(killed.stdout).slice(0, 10), upTo(10))
    assert.match(killed.stderr, /failed at 1\d of 40 steps in run \S+: [^\n]*; the next run goes on from /u)
  })

  it("end where the log of what was made so far is damaged, which dag verify says and which stops no run", async () => {
    assert.strictEqual((await project.behaving({ a: "stage" }, run)).code, 1)
    const sound = await project.dag("verify")
    assert.strictEqual(sound.code, 0, sound.stdout)
    const text = readFileSync(theLog(), "utf8")
    const last = text.trimEnd().lastIndexOf("\n") + 1
    writeFileSync(theLog(), text.slice(0, last) + text.slice(last).replace("\"done\":15", "\"done\":16"))
    const verified = await project.dag("verify")
    assert.strictEqual(verified.code, 3)
    assert.match(verified.stdout, /so-far\.ndjson.*\n?.*is not what was written/u)
    assert.deepStrictEqual(stepsOf((await project.dag(...show, "--rows", "0", "--json")).stdout), upTo(10))
    assert.strictEqual((await project.dag(...run)).code, 0)
  })
})

describe("dag export --curves", () => {
  const project = sharedProject()

  it("writes a CSV for each output and an event file for each node that made curves, so far where it is not done", async () => {
    assert.strictEqual((await project.dag(...run)).code, 0)
    assert.strictEqual((await project.behaving({ b: "stage" }, ["run", "learn/b", ...profile])).code, 1)
    const { code, stdout, stderr } = await project.dag("export", "--curves", "--to", "out", ...profile)
    assert.deepStrictEqual([code, stdout], [
      0,
      "6 files of 2 nodes in out; \"tensorboard --logdir out\" shows them\n",
    ])
    assert.include(stderr, "learn/b is not done")
    assert.deepStrictEqual(
      project.files("out").map((file) => file.slice(project.path("out/").length)),
      ["a", "b"].flatMap((label) =>
        ["events.out.tfevents.redag", "exams.csv", "lessons.csv"].map((file) => `learn/${label}/${file}`)
      ),
    )
    const rows = project.read("out/learn/a/lessons.csv").split("\r\n")
    assert.deepStrictEqual(rows.slice(0, 3), ["step,loss,teacher", "1,8,Ann", "2,4,Ann"])
    assert.strictEqual(rows.length, 42)
    assert.strictEqual(project.read("out/learn/b/lessons.csv").split("\r\n").length, 17)
    // The same again writes the same; what is there with other content stays.
    assert.strictEqual((await project.dag("export", "learn/a", "--curves", "--to", "out", ...profile)).code, 0)
    project.write("out/learn/a/exams.csv", "")
    const refused = await project.dag("export", "learn/*", "--curves", "--to", "out", ...profile)
    assert.strictEqual(refused.code, 1)
    assert.include(refused.stderr, "is there with other content")
    // After an edit what was made before is still written, and said to be older.
    project.edit("dag.config.ts", "steps: 40, saved: 10", "steps: 50, saved: 10")
    const older = await project.dag("export", "learn/a", "--curves", "--to", "older", ...profile)
    assert.strictEqual(older.code, 0)
    assert.include(older.stderr, "learn/a is older than what it depends on")
    assert.strictEqual(project.read("older/learn/a/lessons.csv"), rows.join("\r\n"))
  })

  it("says what makes curves where the nodes that are named make none, or did not run", async () => {
    const none = await project.dag("export", "read", "--curves", "--to", "out", ...profile)
    assert.strictEqual(none.code, 1)
    assert.include(none.stderr, "no such node makes curves\n  help: name nodes of the stage learn")
    const early = await project.dag("export", "learn/a", "--curves", "--to", "out", ...profile)
    assert.strictEqual(early.code, 1)
    assert.include(early.stderr, "learn/a has made no curves yet")
    const unnamed = await project.dag("export", "--to", "out", ...profile)
    assert.strictEqual(unnamed.code, 1)
    assert.include(unnamed.stderr, "names no node")
  })
})
