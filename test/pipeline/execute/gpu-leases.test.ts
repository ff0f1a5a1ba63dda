import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type GpuHolder, makeGpuLeases } from "../../../pipeline/execute/gpu-leases.ts"

describe("leases of GPUs", () => {
  let folder = ""
  const lost: Array<readonly [gpu: string, holders: number]> = []
  const leases = () =>
    makeGpuLeases(folder, () => [], (gpu: string, holders: ReadonlyArray<GpuHolder>) => {
      lost.push([gpu, holders.length])
    })
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    folder = mkdtempSync(join(tmpdir(), "gpu-leases-"))
    lost.length = 0
  })
  afterEach(() => {
    vi.useRealTimers()
    rmSync(folder, { recursive: true })
  })

  it("tell others who holds a GPU, how many may and in which folder, until it is given back", () => {
    const [one, two] = [leases(), leases()]
    one.add(["0", "1"], 2)
    const holder = { pid: process.pid, share: 2, folder: process.cwd() }
    expect([...two.others(["0", "2"])]).toEqual([["0", [{ gpu: "0", ...holder }]], ["2", []]])
    expect(one.others(["0"]).get("0")).toEqual([])
    one.remove(["0"])
    expect([...two.others(["0", "1"])]).toEqual([["0", []], ["1", [{ gpu: "1", ...holder }]]])
    one.remove(["1"])
    expect(readdirSync(folder)).toEqual([])
  })

  it("stay as long as what goes on is to keep its GPU, whoever gives it back before", () => {
    const [one, two] = [leases(), leases()]
    one.add(["0"], 1)
    const drop = one.keep(["0"])
    one.remove(["0"])
    expect(two.others(["0"]).get("0")).toHaveLength(1)
    drop()
    expect(two.others(["0"]).get("0")).toEqual([])
  })

  it("are written again where they were removed meanwhile, and it is said where another took the GPU", () => {
    const [one, two] = [leases(), leases()]
    one.add(["0"], 1)
    one.add(["1"], 1)
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
    two.add(["1"], 1)
    vi.advanceTimersByTime(10_000)
    expect(two.others(["0", "1"])).toMatchObject(
      new Map([["0", [{ pid: process.pid }]], ["1", [{ pid: process.pid }]]]),
    )
    // Once, not with each beat.
    vi.advanceTimersByTime(30_000)
    expect(lost).toEqual([["1", 1]])
    one.remove(["0", "1"])
    two.remove(["1"])
    expect(readdirSync(folder)).toEqual([])
  })

  it("are not said to be lost where all that hold the GPU share it", () => {
    const [one, two] = [leases(), leases()]
    one.add(["0"], 2)
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
    two.add(["0"], 2)
    vi.advanceTimersByTime(10_000)
    expect(two.others(["0"]).get("0")).toHaveLength(1)
    expect(lost).toEqual([])
    one.remove(["0"])
    two.remove(["0"])
  })
})
