import { assert, describe, it } from "@effect/vitest"
import { sharedProject } from "../../rig/project.ts"

/** A machine without Slurm. */
const noSlurm = { PATH: "" }

describe("dag run --executor slurm", () => {
  const project = sharedProject()

  it("prints with --dry-run what it would submit, without asking a cluster", async () => {
    project.write("slurm.yaml", "rules:\n  - nodes: stage=heavy\n    partition: gpu\n    share: 2\n")
    const words = ["run", "--dry-run", "--profile", "heavy"]
    const { code, stdout } = await project.start([...words, "--executor", "slurm"], noSlurm).ended
    assert.strictEqual(code, 0)
    assert.match(
      stdout,
      /\n# 3 nodes in at most \d tasks? at once, submitted as they become ready: heavy\/a, heavy\/b, heavy\/c\n#!\/bin\/bash\n/u,
    )
    assert.match(stdout, /\n#SBATCH --partition=gpu\n/u)
    assert.match(stdout, /\nexec \S+ \S+\/main\.mjs batch BATCH "\$SLURM_ARRAY_TASK_ID"\n/u)
    assert.match(stdout, /\nNothing was done: --dry-run\.\n$/u)
    assert.notInclude((await project.dag(...words)).stdout, "#SBATCH")
    assert.deepStrictEqual(project.executions(), [])
  })

  it("is asked for by the flag, the setting, or the word of slurm.yaml, in this order", async () => {
    project.write("slurm.yaml", "profiles: [heavy]\n")
    const scripts = async (words: ReadonlyArray<string>, variables = {}) =>
      (await project.start(["run", "-n", ...words], variables).ended).stdout.includes("#SBATCH")
    assert.isTrue(await scripts(["--profile", "heavy"]))
    assert.isFalse(await scripts([]))
    assert.isFalse(await scripts(["--profile", "heavy"], { DAG_EXECUTOR: "local" }))
    assert.isTrue(await scripts(["--executor", "slurm"], { DAG_EXECUTOR: "local" }))
  })

  it("is refused in one error where it cannot be", async () => {
    const absent = await project.start(["run", "--yes", "--executor", "slurm"], noSlurm).ended
    assert.strictEqual(absent.code, 1)
    assert.match(absent.stderr, /error: sbatch is not on this machine\n {2}help: run dag where Slurm's commands are/u)
    assert.deepStrictEqual(project.executions(), [])
    const unknown = await project.dag("run", "--executor", "pbs")
    assert.deepStrictEqual([unknown.code, unknown.stdout], [2, ""])
    assert.match(unknown.stderr, /^error: --executor: is "pbs"\n {2}help: set it to one of: local, slurm\n$/u)
    const limited = await project.dag("run", "--dry-run", "--executor", "slurm", "--memory", "1G")
    assert.strictEqual(limited.code, 2)
    assert.match(limited.stderr, /^error: --memory: is of this machine, and the run is on Slurm\n/u)
    const broken = await project.start(["run", "-n", "--executor", "slurm"], {
      DAG_STORE: project.path("a\nb"),
    }).ended
    assert.strictEqual(broken.code, 1)
    assert.match(
      broken.stderr,
      /^error: the store's folder: is "[^"]*a\\nb", and no job of Slurm can be given a path /u,
    )
    project.write("slurm.yaml", "defaults:\n  time: soon\n")
    const wrong = await project.dag("run", "--executor", "slurm")
    assert.match(wrong.stderr, /^error: slurm\.yaml:2: defaults\.time: expected a time such as /u)
    for (
      const [text, message] of [
        [
          "rules:\n  - nodes: stge=heavy\n",
          "error: slurm.yaml:2: rules[0].nodes: \"stge=heavy\" selects no node of any profile\n",
        ],
        [
          "rules:\n  - nodes: [stage=heavy, stage=heavi]\n",
          "error: slurm.yaml:2: rules[0].nodes: \"stage=heavi\" selects no node of any profile\n",
        ],
        [
          "profiles: [heavi]\n",
          "error: slurm.yaml:1: profiles[0]: there is no profile \"heavi\"\n  help: did you mean \"heavy\"? ",
        ],
      ] as const
    ) {
      project.write("slurm.yaml", text)
      const { code, stderr } = await project.dag("run", "-n", "--executor", "slurm")
      assert.deepStrictEqual([code, stderr.slice(0, message.length)], [1, message])
    }
    project.write("slurm.yaml", "defaults:\n  time: soon\n")
    // The other executor does not need it.
    assert.strictEqual((await project.start(["run", "--yes"], { DAG_EXECUTOR: "local" }).ended).code, 0)
  })

  it("is looked after by dag doctor", async () => {
    const { code, stdout } = await project.start(["doctor", "--slurm"], noSlurm).ended
    assert.strictEqual(code, 1)
    assert.match(stdout, /\nsbatch +absent +sbatch is not on this machine\n/u)
    assert.match(stdout, /\nstore folder +usable +\S+ is on /u)
    assert.match(stdout, /\nThe experiment cannot run here without: sbatch\n$/u)
    const alone = await project.dag("doctor", "--try")
    assert.match(alone.stderr, /^error: --try: needs --slurm\n/u)
    assert.strictEqual(alone.code, 2)
  })
})
