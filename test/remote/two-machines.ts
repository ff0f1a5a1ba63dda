import { assert } from "@effect/vitest"
import { startElsewhere } from "../rig/machines.ts"
import { eventually, type Project, type Running, type Variables } from "../rig/project.ts"

const heavyA = ["run", "heavy/a", "--profile", "heavy", "--yes"]
const waiting = { RIG_BEHAVIOUR: "{\"a\":\"wait\"}" }

/** What can happen to two machines, each with a store of its own, that share nothing but a remote. */
export interface TwoMachines {
  readonly executeOnce: () => Promise<void>
  readonly takeOver: () => Promise<void>
  readonly sleep: () => Promise<void>
}

/** Two machines of a project; `variables` name the remote and say how it is reached. */
export const twoMachines = (project: Project, variables: () => Variables): TwoMachines => {
  const machine = (name: string, more: Variables = {}) =>
    startElsewhere(project, heavyA, {
      DAG_STORE: project.path(`store-${name}`),
      DAG_LEASE_SECONDS: "3",
      ...variables(),
      ...more,
    })
  const shownBy = ({ process }: Running) => {
    let shown = ""
    process.stdout?.on("data", (text: string) => (shown += text))
    return () => shown
  }
  const assertSuccess = async ({ ended }: Running, ...said: ReadonlyArray<RegExp>) => {
    const { code, stdout, stderr } = await ended
    assert.strictEqual(code, 0, stdout + stderr)
    assert.notMatch(stdout + stderr, /defect|bug/u)
    for (const words of said) assert.match(stdout, words)
  }
  /** Until it says so, or has ended: where the first is stalled for longer than the lease, it need not wait. */
  const waitsFor = async (running: Running) => {
    const shown = shownBy(running)
    const says = /^waits {4}heavy\/a {2}run \S+ \(process \d+ on container\) executes it/mu
    const { process } = running
    const hasEnded = () => process.exitCode !== null || process.signalCode !== null
    await eventually("the other to wait", () => (says.test(shown()) || hasEnded() ? true : undefined))
  }
  /** How often the node was executed, by any of the machines. */
  const executed = () => project.executions().filter((line) => line === "heavy a").length
  /** The remote has one record for each of the two nodes, nothing disagrees, and no lease is left. */
  const assertSound = async () => {
    const { code, stdout, stderr } = await project.start(
      ["verify", "--remote", variables()["DAG_REMOTE"] ?? "", "--json"],
      variables(),
    ).ended
    assert.strictEqual(code, 0, stdout + stderr)
    const { checked } = JSON.parse(stdout) as {
      readonly checked: Readonly<Record<string, { readonly files: number } | undefined>>
    }
    assert.deepStrictEqual([checked["record"]?.files, checked["conflict"], checked["lease"]], [2, undefined, undefined])
  }
  return {
    executeOnce: async () => {
      // Nobody is to be taken for dead, however busy the machine is.
      const patient = { DAG_LEASE_SECONDS: "3600" }
      const one = machine("one", { ...waiting, ...patient })
      await project.process("heavy", "a")
      const other = machine("other", patient)
      await waitsFor(other)
      project.open()
      await assertSuccess(one)
      await assertSuccess(other)
      assert.strictEqual(executed(), 1)
      await assertSound()
    },
    takeOver: async () => {
      const one = machine("one", waiting)
      await project.process("heavy", "a")
      const other = machine("other")
      await waitsFor(other)
      one.crash()
      await assertSuccess(other)
      assert.strictEqual(executed(), 2)
      await assertSound()
    },
    sleep: async () => {
      const one = machine("one", waiting)
      await project.process("heavy", "a")
      one.sleep()
      await assertSuccess(machine("other"))
      project.open()
      one.wake()
      // It may find that it lost its work, or have done it as well; never what is wrong.
      await assertSuccess(one)
      assert.strictEqual(executed(), 2)
      await assertSound()
    },
  }
}
