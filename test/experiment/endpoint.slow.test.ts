import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { afterEach, assert, describe, it } from "vitest"
import { eventually, isAlive } from "../rig/project.ts"
import { workerOf } from "../rig/workers.ts"
import { type Behaviour, says, type Seen } from "../stages/ask/stub.ts"
import { cell, concurrency, key, profile, rowBehindEndpoint } from "./endpoint.ts"

/** Answers with a relation, and with the key that it was given. */
const answer = ({ authorization }: Seen): Behaviour => ({
  body: says(`The relation between aspirin and nausea exists. ${authorization}`),
})

/** Kills a worker, which may have ended by itself since its engine did. */
const endAtOnce = (worker: number): void => {
  try {
    process.kill(worker, "SIGKILL")
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ESRCH")) throw cause
  }
}

describe.skipIf(process.platform !== "linux")(
  process.platform === "linux"
    ? "prompts to an endpoint"
    : "prompts to an endpoint (skipped: looks into Linux's /proc)",
  () => {
    let behave: (seen: Seen, times: number) => Behaviour = answer
    const row = rowBehindEndpoint((seen, times) => behave(seen, times))
    const { declare, run } = row
    afterEach(() => {
      behave = answer
      row.stub.seen.length = 0
    })

    /** All that a command said, and all that the store has: nothing of it may hold the key. */
    const assertNoKey = (said: string): void => {
      assert.notInclude(said, key)
      for (const file of row.project.files("artifacts")) {
        const bytes = readFileSync(file)
        assert.isFalse(bytes.includes(key), file)
        if (bytes[0] === 0x1f && bytes[1] === 0x8b) assert.isFalse(gunzipSync(bytes).includes(key), file)
      }
    }

    it("sends each prompt once though engine and worker are killed half-way, and all again at another temperature", async () => {
      declare(0)
      const answered = 50
      behave = (seen) => (row.stub.seen.length <= answered ? answer(seen) : "held")
      const killed = run("--yes")
      const engine = killed.process.pid ?? 0
      // Each of them was told of the one before on the disk before it went on.
      await eventually(
        "half of the prompts",
        () => (row.stub.seen.length === answered + concurrency ? true : undefined),
      )
      const worker = await eventually("a worker", () => workerOf(engine))
      process.kill(engine, "SIGKILL")
      endAtOnce(worker)
      assertNoKey(JSON.stringify(await killed.ended))
      await eventually("the worker is gone", () => (isAlive(worker) ? undefined : true))
      const underWay = new Set(row.stub.seen.slice(answered).map(({ prompt }) => prompt))

      behave = answer
      const done = await run("--yes").ended
      assert.strictEqual(done.code, 0, done.stdout + done.stderr)
      assertNoKey(done.stdout + done.stderr)
      const times = [...row.stub.times()]
      assert.lengthOf(times, 100)
      assert.deepStrictEqual(
        times.filter(([, count]) => count !== 1).map(([prompt, count]) => [underWay.has(prompt), count]),
        Array.from({ length: concurrency }, () => [true, 2]),
      )

      const shown = await row.project.dag("show", `ask/${cell}:replies`, ...profile, "--json", "--rows", "0")
      assertNoKey(shown.stdout)
      const replies = JSON.parse(shown.stdout) as ReadonlyArray<{ readonly text: string; readonly cost: number }>
      assert.lengthOf(replies, 100)
      for (const { text, cost } of replies) {
        assert.include(text, "Bearer [key]")
        assert.closeTo(cost, (100 + 2 * 10) / 1e6, 1e-12)
      }

      // Nothing is sent for another price, and all of it for another temperature.
      row.stub.seen.length = 0
      declare(0, "    maxCost: 10\n")
      // Nobody is asked where nothing would be sent.
      const priced = await run().ended
      assert.match(priced.stdout, /v1: 0 prompts, 100 more have an answer, .* never more than 9\.99, by maxCost/u)
      assert.match(
        priced.stdout,
        /ask\/some-model\/cdr\/16\/seed0 .*0 sent, 0\.012 cost, 9\.988 left of maxCost, 100 replies/u,
      )
      assert.deepStrictEqual(row.stub.seen, [])
      declare(1)
      assert.strictEqual((await run("--yes").ended).code, 0)
      assert.deepStrictEqual([...new Set(row.stub.times().values())], [1])
      assert.lengthOf([...row.stub.times()], 100)
    })

    it("sends all again where a shot is another one, and nothing for a second row with the same prompts", async () => {
      declare(0)
      assert.strictEqual((await run("--yes").ended).code, 0)
      row.stub.seen.length = 0
      const second = row.project.read("experiment/rows.yaml").split("\n").slice(1).join("\n")
        .replace("name: some-model", "name: second").replace("maxNewTokens: 100", "maxNewTokens: 100\n    timeout: 60")
      row.project.write("experiment/rows.yaml", row.project.read("experiment/rows.yaml") + second)
      const twice = await row.project.start(["run", "score/second/cdr/16/seed0", ...profile, "--yes"], {}).ended
      assert.strictEqual(twice.code, 0, twice.stdout + twice.stderr)
      assert.deepStrictEqual(row.stub.seen, [])

      const corpus = "bundled/corpora/cdr/CDR_TrainingSet.PubTator.txt"
      row.project.write(corpus, row.project.read(corpus).replaceAll("Two reports of", "Six reports of"))
      assert.strictEqual((await run("--yes").ended).code, 0)
      assert.lengthOf([...row.stub.times()], 100)
    })
  },
)
