import { assert, describe, it } from "@effect/vitest"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { join } from "node:path"
import { COMMIT, fetched, folderOf, model, NEEDED, noise, type Rig, sha256, until, withRig } from "./rig.ts"

const WEIGHTS = "model.safetensors"
const SIZE = 300_000
const DIGEST = sha256(noise(SIZE, 1))

interface Child {
  readonly process: ChildProcess
  /** What it printed, once it has ended. */
  readonly output: Promise<Readonly<Record<string, unknown>>>
  readonly notes: () => string
}

/** Starts a download in a process of its own, behind words of the shell where there are some. */
const start = ({ environment }: Rig, shell = ""): Child => {
  const command = [shell, "exec \"$@\""].filter((words) => words !== "").join("; ")
  const args = ["-c", command, "bash", process.execPath, join(import.meta.dirname, "child.ts"), "org/model"]
  const child = spawn("bash", args, {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let [printed, notes] = ["", ""]
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString()
  })
  child.stderr.on("data", (chunk: Buffer) => {
    notes += chunk.toString()
  })
  const output = once(child, "close").then(() => {
    if (printed === "") throw new Error(`the process printed nothing: ${notes}`)
    return JSON.parse(printed) as Readonly<Record<string, unknown>>
  })
  output.catch(() => undefined)
  return { process: child, output, notes: () => notes }
}

const partOf = async ({ home }: Rig): Promise<number> =>
  (await readFile(join(folderOf(home), "blobs", `${DIGEST}.incomplete`)).catch(() => "")).length

const locks = async ({ home }: Rig): Promise<readonly string[]> =>
  readdir(join(home, "hub", ".locks", "models--org--model"))

const lockPath = ({ home }: Rig): string => join(home, "hub", ".locks", "models--org--model", `${DIGEST}.redag.lock`)

describe("two processes", () => {
  it("that want the same file fetch it once", () =>
    withRig(async (rig) => {
      rig.hub.fault = ({ server, path }, count) =>
        server === "cdn" && path.endsWith(WEIGHTS) && count === 1 ? { cut: 200_000 } : undefined
      const [one, two] = [start(rig), start(rig)]
      const outputs = await Promise.all([one.output, two.output])
      assert.deepStrictEqual(outputs[0], outputs[1])
      assert.strictEqual(outputs[0]["commit"], COMMIT)
      assert.strictEqual(rig.hub.sent(WEIGHTS), SIZE)
      const { snapshot } = await fetched({ ...rig.options, revision: COMMIT })
      assert.strictEqual(snapshot.files.at(-1)?.sha256, DIGEST)
      assert.deepStrictEqual(await locks(rig), [])
      const blobs = await readdir(join(folderOf(rig.home), "blobs"))
      assert.lengthOf(blobs, NEEDED.length)
    }))

  it("in one program as well", () =>
    withRig(async (rig) => {
      const outcomes = await Promise.all([fetched(rig.options), fetched(rig.options), fetched(rig.options)])
      for (const { snapshot } of outcomes) assert.strictEqual(snapshot.files.at(-1)?.sha256, DIGEST)
      assert.strictEqual(rig.hub.sent(WEIGHTS), SIZE)
    }))

  it("of which one is killed: the other goes on with what it left", () =>
    withRig(async (rig) => {
      rig.hub.fault = ({ server, path }, count) =>
        server === "cdn" && path.endsWith(WEIGHTS) && count === 1 ? { stall: 123_456 } : undefined
      const one = start(rig)
      await until(async () => await partOf(rig) === 123_456)
      const two = start(rig)
      await until(() => two.notes().includes("another process downloads model.safetensors"))
      one.process.kill("SIGKILL")
      assert.strictEqual((await two.output)["commit"], COMMIT)
      assert.strictEqual(rig.hub.sent(WEIGHTS), SIZE)
      assert.deepStrictEqual(await locks(rig), [])
    }))

  const holders: Readonly<Record<string, readonly [holder: string, age: number]>> = {
    "an earlier process of the same id, as in a container": [JSON.stringify([hostname(), process.pid, "x"]), 0],
    "another machine that gave no sign for long": [JSON.stringify(["elsewhere", 1, "x"]), 600],
    "nobody, torn, for long": ["[", 600],
  }
  for (const [what, [holder, age]] of Object.entries(holders)) {
    it(`takes over the lock of ${what}`, () =>
      withRig(async (rig) => {
        await mkdir(join(lockPath(rig), ".."), { recursive: true })
        await writeFile(lockPath(rig), holder)
        const then = Date.now() / 1000 - age
        await utimes(lockPath(rig), then, then)
        const { notes } = await fetched(rig.options)
        assert.notInclude(notes, "another process")
        assert.deepStrictEqual(await locks(rig), [])
      }))
  }

  it("respects the lock of another machine that lives", () =>
    withRig(async (rig) => {
      await mkdir(join(lockPath(rig), ".."), { recursive: true })
      await writeFile(lockPath(rig), JSON.stringify(["elsewhere", 1, "x"]))
      const child = start(rig)
      await until(() => child.notes().includes("another process downloads model.safetensors"))
      child.process.kill("SIGKILL")
      assert.lengthOf(rig.hub.bodies(WEIGHTS), 0)
      assert.include(await readFile(lockPath(rig), "utf8"), "elsewhere")
    }))
})

describe("a file system", () => {
  it("that takes no more bytes gives a clear error, and what has come is gone on with", () =>
    withRig(async (rig) => {
      // Blocks of 1024 bytes.
      const child = start(rig, "ulimit -f 100")
      const error = await child.output
      assert.include(error, { _tag: "HubError", kind: "disk" })
      assert.match(String(error["message"]), /incomplete cannot be written: the file would be larger/u)
      assert.strictEqual(await partOf(rig), 102_400)
      assert.deepStrictEqual(await locks(rig), [])
      const { snapshot } = await fetched(rig.options)
      assert.strictEqual(snapshot.files.at(-1)?.sha256, DIGEST)
      assert.strictEqual(rig.hub.bodies(WEIGHTS).at(-1)?.range, "bytes=102400-")
    }))
})

const python = process.env["DAG_PYTHON"] ?? "python3"

/** Why Hugging Face's own client is not asked here, or undefined where it is. */
const missing = ((): string | undefined => {
  try {
    execFileSync(python, ["-c", "import huggingface_hub"], { stdio: "ignore" })
    return undefined
  } catch {
    return `no huggingface_hub for ${python} (DAG_PYTHON)`
  }
})()
const reason = missing === undefined ? "" : ` [skipped: ${missing}]`

describe.skipIf(missing !== undefined)(`Hugging Face's own client${reason}`, () => {
  const script = join(import.meta.dirname, "reference", "read_cache.py")

  const run = async ({ environment }: Rig, ...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const child = spawn(python, [script, "org/model", "main", ...args], {
      env: { PATH: process.env["PATH"], ...environment, HF_HUB_DISABLE_XET: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    })
    let printed = ""
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString()
    })
    await once(child, "close")
    return JSON.parse(printed) as Readonly<Record<string, unknown>>
  }

  const expected = Object.fromEntries(NEEDED.map((name) => [name, sha256(model().files[name] ?? new Uint8Array())]))

  it("reads the cache that redag has made, without a warning", () =>
    withRig(async (rig) => {
      await fetched(rig.options)
      const asked = rig.hub.seen.length
      assert.deepStrictEqual(await run(rig, "local", ...NEEDED), { files: expected, commit: COMMIT, warnings: [] })
      assert.isFalse(rig.hub.seen.slice(asked).some(({ path }) => path.includes("org/model")))
    }))

  it("makes a cache that redag reads offline, and of which it fetches only the rest", () =>
    withRig(async (rig) => {
      const [config, tokenizer, , weights] = NEEDED
      const read = await run(rig, "remote", config, weights)
      assert.deepInclude(read["files"], { [config]: expected[config], [weights]: expected[weights] })
      const environment = { ...rig.environment, HF_HUB_OFFLINE: "1" }
      const offline = await fetched({ ...rig.options, environment })
      assert.deepStrictEqual(offline.snapshot.files.map(({ name }) => name), [config, weights])
      const { snapshot } = await fetched({ ...rig.options, revision: COMMIT })
      assert.deepStrictEqual(Object.fromEntries(snapshot.files.map((file) => [file.name, file.sha256])), expected)
      assert.lengthOf(rig.hub.bodies(weights), 1)
      assert.lengthOf(rig.hub.bodies(tokenizer), 1)
    }))
})
