import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { often, slowly } from "../../rig/often.ts"
import { eventually, isAlive, type Running, sharedProject } from "../../rig/project.ts"

const run = ["run", "steps/many", "--profile", "steps"]

/** So few steps in one execution that none ends before it is killed, however late the test comes to that. */
const few = { RIG_STEPS: "12" }

/** What 120 steps make of the fixture's first number. */
const expected = Array.from({ length: 120 }, (_, index) => index + 1).reduce(
  (value, step) => (value * 31 + step) % 1_000_003,
  1,
)

describe("a stage that keeps what is unfinished", () => {
  const project = sharedProject()

  const planned = async (): Promise<{ readonly state: string; readonly unfinished?: boolean } | undefined> => {
    const { stdout } = await project.dag("plan", "steps/many", "--profile", "steps", "--json")
    const states = JSON.parse(stdout) as ReadonlyArray<{ node: string; state: string; unfinished?: boolean }>
    return states.find(({ node }) => node === "steps/many")
  }

  /** The numbers of the steps that were begun since this was last asked. */
  const stepsBegun = (): ReadonlyArray<number> =>
    project.executions().flatMap((line) => {
      const step = /^step \w+ (\d+)$/u.exec(line)?.[1]
      return step === undefined ? [] : [Number(step)]
    })

  /** What the execution of the node printed. */
  const logged = async (): Promise<string> => {
    const { stdout } = await project.dag("why", "steps/many", "--profile", "steps", "--json")
    const { record: { log } } = JSON.parse(stdout) as { readonly record: { readonly log: { readonly digest: string } } }
    return readFileSync(project.path("artifacts/objects", log.digest.slice(0, 2), log.digest.slice(2)), "utf8")
  }

  const assertDone = async () => {
    const shown = await project.dag("show", "steps/many", "--profile", "steps", "--json")
    assert.deepStrictEqual(JSON.parse(shown.stdout), [{ value: expected }])
    for (const folder of ["unfinished", "tmp", "pending"]) {
      assert.deepStrictEqual(project.files(`artifacts/${folder}`), [])
    }
    assert.deepStrictEqual(readdirSync(project.path("artifacts/unfinished")), [])
  }

  /** Kills a run's engine or its worker some steps after it began, and waits for both to be gone. */
  const kill = async (started: Running, victim: "engine" | "worker") => {
    const worker = await project.process("steps", "many")
    const first = await eventually("a step", () => project.words().find(([word]) => word === "step")?.[2])
    // Two states are saved before the third step begins.
    const last = Number(first) + 2 + Math.floor(Math.random() * 8)
    await eventually(`step ${last}`, () => ((project.counted("step many") ?? 0) >= last ? true : undefined))
    await sleep(Math.random() * 12)
    if (victim === "engine") started.process.kill("SIGKILL")
    else process.kill(worker, "SIGKILL")
    await started.ended
    await eventually("the worker to end", () => (isAlive(worker) ? undefined : true))
  }

  it("repeats at most one step for each kill -9, and makes the same", async () => {
    const begun: Array<number> = []
    let kills = 0
    while (kills < often(2, 6)) {
      await kill(project.start(run, few), kills % 2 === 0 ? "worker" : "engine")
      kills++
      begun.push(...stepsBegun())
    }
    const { code, stdout } = await project.dag(...run)
    assert.strictEqual(code, 0, stdout)
    begun.push(...stepsBegun())
    assert.strictEqual(new Set(begun).size, 120)
    assert.isAtMost(begun.length, 120 + kills)
    await assertDone()
  })

  it("is said by the plan to go on, keeps its state when it fails, and says so when its process dies", async () => {
    const failed = await project.behaving({ many: "stage" }, run)
    assert.strictEqual(failed.code, 1)
    assert.match(failed.stdout, /failed {3}steps\/many\n\s+the loss is NaN\n\s+help: lower the learning rate/u)
    assert.deepStrictEqual(stepsBegun(), [1, 2, 3])
    assert.deepInclude(await planned(), { state: "will-run", unfinished: true })
    const { stdout } = await project.dag("plan", "--profile", "steps")
    assert.match(stdout, /run {6}steps\/many {2}goes on from an unfinished execution(?:, about .*)?\n/u)
    assert.match(stdout, /run {6}steps\/large(?: {2}about .*)?\n/u)

    const killed = await project.behaving({ many: "kill" }, run)
    assert.strictEqual(killed.code, 0, killed.stdout)
    assert.match(killed.stdout, /2 nodes: 1 will run, 1 up to date\n {2}1 node goes on from an unfinished execution\n/u)
    assert.strictEqual(stepsBegun().length, 117)
    await assertDone()
    assert.deepInclude(await planned(), { state: "fresh" })

    const large = ["run", "steps/large", "--profile", "steps"]
    const died = await project.behaving({ large: "kill" }, large)
    assert.match(
      died.stdout,
      /killed by SIGKILL\n\s+help: most likely memory ran out[^\n]*the next run goes on from what/u,
    )
    assert.deepStrictEqual(stepsBegun(), [1, 2, 3])
    assert.strictEqual((await project.dag(...large)).code, 0)
    assert.deepStrictEqual(stepsBegun(), [4, 5, 6])
  })

  it("row 1: goes on from the state before a damaged one, and begins again where both are, with a word in its log", async () => {
    await kill(project.start(run, few), "worker")
    const states = () =>
      project.files("artifacts/unfinished").filter((file) => /state-\d+\.json$/u.test(file))
        .toSorted((one, other) => numberOf(one) - numberOf(other))
    const numberOf = (file: string) => Number(/state-(\d+)/u.exec(file)?.[1])
    /** As an editor would: the number of the step, in the file that the newest state names. */
    const edit = () => {
      const [, name = ""] = /"digest":"([0-9a-f]{64})"/u.exec(readFileSync(states().at(-1) ?? "", "utf8")) ?? []
      const file = project.files("artifacts/unfinished").find((each) => each.endsWith(name))
      const bytes = readFileSync(file ?? "")
      bytes.writeUInt8((bytes[8] ?? 0) ^ 1, 8)
      writeFileSync(file ?? "", bytes)
    }
    // A kill in the middle of a save leaves three.
    const [before, last] = states().slice(-2)
    assert.isDefined(before)
    assert.isDefined(last)
    edit()
    stepsBegun()
    const again = await project.dag(...run)
    assert.strictEqual(again.code, 0, again.stdout)
    assert.strictEqual(Math.min(...stepsBegun()), numberOf(before ?? "") + 1)
    await assertDone()
    assert.match(
      await logged(),
      new RegExp(`state-${numberOf(last ?? "")}\\.json, is damaged and is not used\\. The one`, "u"),
    )

    project.edit("dag.config.ts", "steps: 120", "steps: 119")
    await kill(project.start(run, few), "worker")
    edit()
    for (const older of states().slice(0, -1)) rmSync(older)
    stepsBegun()
    assert.strictEqual((await project.dag(...run)).code, 0)
    assert.strictEqual(stepsBegun().length, 119)
    assert.match(await logged(), /is damaged and is not used\. It begins again\./u)
  })

  slowly("starts anew where its params are others", async () => {
    await project.behaving({ many: "stage" }, run)
    project.edit("dag.config.ts", "steps: 120", "steps: 121")
    stepsBegun()
    assert.strictEqual((await project.dag(...run)).code, 0)
    assert.strictEqual(stepsBegun().length, 121)
  })

  it("leaves nothing where it was killed after its record was published", async () => {
    assert.strictEqual((await project.dag(...run)).code, 0)
    const why = await project.dag("why", "steps/many", "--profile", "steps", "--json")
    const { key } = JSON.parse(why.stdout) as { readonly key: string }
    const left = join("artifacts/unfinished", key, "state")
    project.write(left, "what was not removed any more")
    utimesSync(project.path(left), 0, 0)
    project.write(join("artifacts/unfinished", "0".repeat(64), "state"), "what another action goes on from")
    assert.strictEqual((await project.dag(...run)).code, 0)
    assert.deepStrictEqual(readdirSync(project.path("artifacts/unfinished")), ["0".repeat(64)])
  })

  slowly("goes on from what it saved where it is executed though it is up to date", async () => {
    assert.strictEqual((await project.dag(...run)).code, 0)
    const force = [...run, "--force", "--yes"]
    stepsBegun()
    await kill(project.start(force, few), "engine")
    assert.include(stepsBegun(), 1)
    const again = await project.dag(...force)
    assert.strictEqual(again.code, 0, again.stdout)
    assert.isAbove(Math.min(...stepsBegun()), 1)
    await assertDone()
  })

  slowly("may be run twice at once", async () => {
    const both = [project.start(run), project.start(run)]
    for (const { ended } of both) {
      const { code, stdout, stderr } = await ended
      assert.strictEqual(code, 0, stdout + stderr)
    }
    await assertDone()
  })
})

/** Runs with a folder that holds 4 MiB. */
const withSmallDisk = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-small-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], { stdio: "ignore" })
    try {
      await use(folder)
    } finally {
      execFileSync("umount", [folder])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const mayMount = await withSmallDisk(async () => undefined).then(() => true, () => false)

describe("a disk that is full", () => {
  const project = sharedProject()

  it.skipIf(!mayMount)(
    `leaves what was kept before, and the next run goes on from there${
      mayMount ? "" : " [skipped: no right to mount a small disk]"
    }`,
    () =>
      withSmallDisk(async (folder) => {
        const variables = { DAG_STORE: join(folder, "store") }
        const large = ["run", "steps/large", "--profile", "steps"]
        const full = await project.start(large, variables).ended
        assert.strictEqual(full.code, 1)
        assert.match(
          full.stdout,
          /failed {3}steps\/large\n\s+\S+\/unfinished\/[0-9a-f]{64}\/[0-9a-f]{64}: cannot be written: the disk is full\n\s+help: free some space, or [^\n]*DAG_STORE; what is finished is kept\n/u,
        )
        // Step n needs n half MiBs beside those of the step before.
        assert.deepStrictEqual(project.executions(), [
          "read",
          ...[1, 2, 3, 4, 5].map((n) => `step large ${n}`),
          "steps large",
        ])
        const left = readdirSync(join(folder, "store"), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !/objects|actions|heads|runs|code/u.test(entry.parentPath))
        assert.deepStrictEqual(left.map(({ name }) => name.replace(/^[0-9a-f]{64}$/u, "file")).toSorted(), [
          "file",
          "state-4.json",
        ])

        execFileSync("mount", ["-o", "remount,size=64m", folder])
        const again = await project.start(large, variables).ended
        assert.strictEqual(again.code, 0, again.stdout)
        assert.deepStrictEqual(project.executions(), ["step large 5", "step large 6", "steps large"])
      }),
  )
})
