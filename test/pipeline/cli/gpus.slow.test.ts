import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { eventually, type Running, sharedProject } from "../../rig/project.ts"

const gpus = { DAG_GPUS: "0,1,2,3" }
const run = ["run", "-y", "--profile", "devices", "--jobs", "8"]

describe("GPUs that a run lends", () => {
  const project = sharedProject()
  const lines = (word: string) =>
    project.executions().filter((each) => each.startsWith(`${word} `)).map((each) => each.split(" "))

  /** Checks that no GPU was held by two at a time but by those that share one; gives the GPUs that were held. */
  const heldOneByOne = (): ReadonlyArray<string> => {
    const holders = new Map<string, Array<string>>()
    for (const [word = "", label = "", seen = ""] of project.words()) {
      if (word !== "begin" && word !== "end") continue
      if (label === "none") {
        assert.strictEqual(seen, "", "what asked for no GPU sees none")
        continue
      }
      assert.match(seen, /^[0-3]$/u)
      const held = holders.get(seen) ?? []
      holders.set(seen, held)
      if (word === "end") held.splice(held.indexOf(label), 1)
      else {
        held.push(label)
        const isShared = held.every((each) => each === "y" || each === "z")
        assert.isAtMost(held.length, isShared ? 2 : 1, `${held.join(", ")} hold GPU ${seen}`)
      }
    }
    return [...holders.keys()].toSorted()
  }
  /** Waits until a run that prints JSON says that a node waits for a GPU, and gives the processes that it waits for. */
  const waits = async ({ process }: Running): Promise<ReadonlyArray<number>> => {
    let printed = ""
    process.stdout?.on("data", (text: string) => (printed += text))
    const line = await eventually(
      "a node waits for a GPU",
      () => printed.split("\n").slice(0, -1).find((each) => each.includes("\"NodeWaits\"")),
    )
    return (JSON.parse(line) as { readonly gpus: ReadonlyArray<{ readonly pid: number }> }).gpus.map(({ pid }) => pid)
  }
  const isHeld = (gpus: number) => () => {
    const held = project.words().filter(([word, label]) => word === "begin" && label !== "none")
    return held.length >= gpus ? true : undefined
  }
  /** How many holds of GPUs the runs say that they have. */
  const lentNow = () => existsSync(project.beside("gpus")) ? readdirSync(project.beside("gpus")).length : 0
  const other = () => ({ DAG_GPUS: "0,1", DAG_STORE: project.beside("other-store") })

  it("are lent by one of two runs of a machine at a time, which have other stores", async () => {
    rmSync(project.beside("other-store"), { recursive: true, force: true })
    const one = project.start([...run, "--json"], { DAG_GPUS: "0,1" })
    await eventually("all GPUs are held", isHeld(2))
    const two = project.start([...run, "--json"], other())
    assert.include(await waits(two), one.process.pid)
    assert.isAtLeast(lentNow(), 2)
    project.open()
    assert.deepStrictEqual([(await one.ended).code, (await two.ended).code], [0, 0])
    assert.deepStrictEqual(heldOneByOne(), ["0", "1"])
    assert.strictEqual(lentNow(), 0)
  })

  it("are free again when the run that lent them was killed", async () => {
    rmSync(project.beside("other-store"), { recursive: true, force: true })
    const one = project.start(run, { DAG_GPUS: "0,1" })
    await eventually("all GPUs are held", isHeld(2))
    const two = project.start([...run, "--json"], other())
    assert.include(await waits(two), one.process.pid)
    one.process.kill("SIGKILL")
    await one.ended
    await eventually("the other run holds them", isHeld(4))
    project.open()
    assert.strictEqual((await two.ended).code, 0)
  })

  it("are held by one worker each, or by two that share one, and all of them are used", async () => {
    const running = project.start(run, gpus)
    await eventually("all GPUs are held", () => {
      const held = project.words().filter(([word, label]) => word === "begin" && label !== "none")
      return held.length >= 4 ? true : undefined
    })
    project.open()
    assert.strictEqual((await running.ended).code, 0)
    assert.deepStrictEqual(heldOneByOne(), ["0", "1", "2", "3"])
  })

  it("are those that --gpus and CUDA_VISIBLE_DEVICES leave", async () => {
    project.open()
    const seen = async (words: ReadonlyArray<string>, variables: Readonly<Record<string, string>>) => {
      const ended = await project.start([...run, "--force", "*", ...words], { ...gpus, ...variables }).ended
      assert.strictEqual(ended.code, 0, ended.stderr)
      const found = lines("begin").filter(([, label]) => label !== "none").map(([, , gpu = ""]) => gpu)
      return [...new Set(found)].toSorted((one, other) => Number(one) - Number(other))
    }
    assert.deepStrictEqual(await seen(["--gpus", "1,3"], {}), ["1", "3"])
    assert.deepStrictEqual(await seen(["--gpus", "1"], { CUDA_VISIBLE_DEVICES: "2,3" }), ["2"])
  })

  it("are refused where there are not so many, with what there is", async () => {
    const { code, stderr } = await project.start([...run, "--gpus", "0,7"], gpus).ended
    assert.notStrictEqual(code, 0)
    assert.match(stderr, /--gpus: asks for "7": there are 0, 1, 2, 3/u)
    assert.deepStrictEqual(project.executions(), [])
  })

  it("leave workers as they are where there are none", async () => {
    project.open()
    assert.strictEqual((await project.start(run, { CUDA_VISIBLE_DEVICES: "" }).ended).code, 0)
    assert.deepStrictEqual([...new Set(lines("begin").map(([, , gpu]) => gpu))], [""])
  })

  it("are hidden from workers where the run is to use none, whatever it sees itself", async () => {
    project.open()
    const hidden = [...run, "--force", "*", "--gpus", "0"]
    assert.strictEqual((await project.start(hidden, { ...gpus, CUDA_VISIBLE_DEVICES: "2,3" }).ended).code, 0)
    assert.deepStrictEqual([...new Set(lines("begin").map(([, , gpu]) => gpu))], [""])
  })

  it("are named by the log of the run", async () => {
    project.open()
    await project.start(run, gpus).ended
    const started = project.files("artifacts/runs").map((file) => readFileSync(file, "utf8")).join("").split("\n")
      .find((line) => line.includes("\"NodeStarted\"") && line.includes("device/a"))
    assert.match(started ?? "", /"gpus":\["[0-3]"\]/u)
  })
})
