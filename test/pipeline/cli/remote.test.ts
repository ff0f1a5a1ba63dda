import { assert, beforeEach, describe, it } from "@effect/vitest"
import { once } from "node:events"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { slowly } from "../../rig/often.ts"
import { type Project, sharedProject } from "../../rig/project.ts"

describe("a remote behind the store", () => {
  const one = sharedProject()
  const two = sharedProject()
  const remote = one.beside("remote")
  beforeEach(() => {
    rmSync(remote, { recursive: true, force: true })
  })

  const objectsOf = (project: Project): ReadonlyArray<string> =>
    project.files("artifacts/objects").map((file) => file.split("/").slice(-2).join(""))

  const remoteObject = (digest: string): string => join(remote, "objects", digest.slice(0, 2), digest.slice(2))

  /** The digest of what a node made, by the record in a store. */
  const madeBy = (project: Project, node: string): string => {
    for (const file of project.files("artifacts/actions")) {
      const { content } = JSON.parse(readFileSync(file, "utf8")) as {
        readonly content: {
          readonly node: string
          readonly outputs: Readonly<Record<string, { readonly digest: string }>>
        }
      }
      const [output] = Object.values(content.outputs)
      if (content.node === node && output !== undefined) return output.digest
    }
    throw new Error(`${node} has no record`)
  }

  /** Runs the first project and pushes all that it made. */
  const pushed = async () => {
    assert.strictEqual((await one.dag("run", "--yes")).code, 0)
    const { code, stdout } = await one.dag("push", "--remote", remote)
    assert.strictEqual(code, 0)
    return stdout
  }

  it("shows the results of another machine by what they are in alone, and pull brings the rest", async () => {
    assert.match(await pushed(), /Pushed 8 records and 6 objects/u)
    const again = await one.dag("push", "--remote", remote, "--json")
    assert.include(JSON.parse(again.stdout), { records: 0, objects: 0, bytes: 0, notFresh: 0 })

    const shown = await two.dag("results", "--remote", remote)
    assert.strictEqual(shown.stdout, (await one.dag("results")).stdout)
    assert.deepStrictEqual(objectsOf(two), [madeBy(one, "total/all")])

    // Who forgets the remote hears why nodes would run.
    const forgetful = await two.dag("plan")
    assert.include(forgetful.stdout, "read/numbers")
    assert.include(forgetful.stderr, `this store had ${remote} behind it, and no remote is named now`)

    const verified = await two.dag("verify")
    assert.match(verified.stdout, /^Sound: /mu)
    assert.include(verified.stderr, `5 objects of this store are in ${remote} alone, and no remote is named now`)

    // The setting says the same.
    two.write(".env", `DAG_REMOTE=${remote}\n`)
    const { stdout } = await two.dag("run", "--yes")
    assert.match(stdout, /0 nodes executed, 8 up to date/u)
    assert.deepStrictEqual(two.executions(), [])
    assert.match((await two.dag("pull")).stdout, /Pulled 5 objects/u)
    assert.sameMembers([...objectsOf(two)], [...objectsOf(one)])

    // Nothing is needed of the remote any more.
    two.write(".env", "")
    rmSync(remote, { recursive: true })
    assert.strictEqual((await two.dag("plan", "--exit-code")).code, 0)
  })

  it("gives an edit what its stale nodes read, and takes what they make", async () => {
    await pushed()
    two.edit("params.yaml", "by: 10\n", "by: 11\n")
    const ran = await two.dag("run", "--yes", "--remote", remote)
    assert.strictEqual(ran.code, 0)
    assert.deepStrictEqual(two.executions(), ["add 11", "clip 50", "total"])
    // What stale nodes read has come; what they make anew, and what nobody reads, has not.
    const here = objectsOf(two)
    for (const node of ["read/numbers", "clip/step0", "clip/step2"]) assert.include(here, madeBy(one, node), node)
    for (const node of ["add/step1", "add/step2", "total/all"]) assert.notInclude(here, madeBy(one, node), node)
    // Nothing is clipped: two of the three made the same bytes, which are sent once.
    assert.match(ran.stdout, /pushed 3 records and 2 objects/u)

    one.executions()
    one.edit("params.yaml", "by: 10\n", "by: 11\n")
    assert.match((await one.dag("run", "--yes", "--remote", remote)).stdout, /0 nodes executed, 8 up to date/u)
    assert.deepStrictEqual(one.executions(), [])
  })

  slowly("tells what is gone from the remote before it is made again, and has it again then", async () => {
    await pushed()
    const gone = madeBy(one, "read/numbers")
    rmSync(remoteObject(gone))
    two.edit("params.yaml", "by: 10\n", "by: 11\n")
    const plan = await two.dag("plan", "--remote", remote)
    assert.include(plan.stderr, "1 object that nodes will read is gone from the remote")
    assert.match(plan.stdout, /run {6}read\/numbers/u)
    assert.strictEqual((await two.dag("run", "--yes", "--remote", remote)).code, 0)
    assert.deepStrictEqual(two.executions(), ["add 11", "clip 50", "read", "total"])
    assert.isTrue(existsSync(remoteObject(gone)))
  })

  it("takes nothing for gone where the remote is not mounted, and goes on once it is", async () => {
    await pushed()
    assert.strictEqual((await two.dag("plan", "--remote", remote, "--exit-code")).code, 0)
    renameSync(remote, `${remote}-away`)
    mkdirSync(remote)
    two.edit("params.yaml", "by: 10\n", "by: 11\n")
    const { stdout, stderr } = await two.dag("run", "--yes", "--remote", remote)
    assert.match(stdout + stderr, /redag\.json: is not there, as if the remote were empty/u)
    assert.notInclude(two.executions(), "read")
    assert.deepStrictEqual(readdirSync(remote), [])
    rmSync(remote, { recursive: true })
    renameSync(`${remote}-away`, remote)
    assert.strictEqual((await two.dag("run", "--yes", "--remote", remote)).code, 0)
    assert.deepStrictEqual(two.executions(), ["add 11", "clip 50", "total"])
  })

  it("keeps nothing that is not what its name says: it is made again", async () => {
    await pushed()
    const damaged = madeBy(one, "read/numbers")
    const whole = readFileSync(remoteObject(damaged))
    const bytes = Buffer.from(whole)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    writeFileSync(remoteObject(damaged), bytes)
    two.edit("params.yaml", "by: 10\n", "by: 11\n")
    const { code, stdout } = await two.dag("run", "--yes", "--remote", remote)
    assert.strictEqual(code, 0)
    assert.match(stdout, /damaged {2}add\/step1/u)
    assert.include(two.executions(), "read")
    assert.deepStrictEqual(readFileSync(two.path("artifacts/objects", damaged.slice(0, 2), damaged.slice(2))), whole)
  })

  it("gives all but what is damaged or gone in it, which pull names", async () => {
    await pushed()
    rmSync(remoteObject(madeBy(one, "read/numbers")))
    writeFileSync(remoteObject(madeBy(one, "clip/step2")), "other bytes")
    const pull = await two.dag("pull", "--remote", remote)
    assert.strictEqual(pull.code, 1, pull.stderr)
    assert.match(pull.stdout, /Pulled 4 objects/u)
    assert.match(pull.stderr, /something of (?=.*read\/numbers)(?=.*clip\/step2).* is gone from the remote/u)
  })

  it("goes on with what is here where the remote cannot be used, and a push says why it does not", async () => {
    await pushed()
    const server = createServer((_, response) => response.writeHead(403).end()).listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const secret = "not-a-secret-but-must-be-nowhere"
    const variables = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: secret,
      DAG_REMOTE: "s3://bucket/store",
    }
    const plan = await one.start(["plan"], variables).ended
    assert.strictEqual(plan.code, 0)
    assert.include(plan.stdout, "8 nodes: 0 will run, 8 up to date")
    assert.include(plan.stderr, "what only the remote has cannot be read")
    const push = await one.start(["push"], variables).ended
    assert.strictEqual(push.code, 1)
    assert.match(push.stderr, /error: s3:\/\/bucket\/store\S* the server answers 403/u)
    assert.lengthOf([...push.stderr.matchAll(/403/gu)], 1, "it is told once")
    server.close()
    assert.notInclude(plan.stderr + push.stderr, secret)
  })

  it("is refused where a later version of redag wrote it", async () => {
    mkdirSync(remote, { recursive: true })
    writeFileSync(join(remote, "redag.json"), "{\"redag\":99}\n")
    const { code, stderr } = await one.dag("push", "--remote", remote)
    assert.strictEqual(code, 1)
    assert.include(stderr, "is of format 99, and this version of redag knows formats up to ")
    assert.deepStrictEqual(readdirSync(remote), ["redag.json"])
  })

  slowly("is never a store: nothing is pushed into one, and nothing of one is collected", async () => {
    await pushed()
    const store = one.path("artifacts")
    const before = one.files("artifacts/objects")
    const own = await one.dag("push", "--remote", "artifacts")
    assert.match(own.stderr, /--remote: artifacts is the store of this project itself/u)
    assert.strictEqual(own.code, 2)
    for (const words of [["push"], ["gc", "--older-than", "0s", "--yes"]]) {
      const refused = await two.dag(...words, "--remote", store)
      assert.strictEqual(refused.code, 1, refused.stdout)
      assert.match(refused.stderr, /is (?:the store of a project|no remote of redag)/u)
    }
    assert.deepStrictEqual(one.files("artifacts/objects"), before)
    assert.isFalse(existsSync(join(store, "redag.json")))
  })

  slowly("may hold files of others, which are named, read by nobody and hold up nothing", async () => {
    await pushed()
    const [record = ""] = readdirSync(join(remote, "actions"))
    for (const name of ["zzz.json", "a b.json"]) {
      writeFileSync(join(remote, "actions", name), readFileSync(join(remote, "actions", record)))
    }
    const verified = await one.dag("verify", "--remote", remote)
    assert.strictEqual(verified.code, 4, verified.stderr)
    assert.match(verified.stdout, /foreign +actions\/a b\.json/u)
    assert.match(verified.stdout, /foreign +actions\/zzz\.json/u)
    const collected = await one.dag("gc", "--remote", remote, "--older-than", "0s", "--yes")
    assert.strictEqual(collected.code, 0, collected.stderr)
    assert.lengthOf(readdirSync(join(remote, "actions")), 10)
  })

  it("is not named where its address may hold a password", async () => {
    const { code, stdout, stderr } = await two.start(["doctor"], { DAG_REMOTE: "sftp://me:hunter2@host/a" }).ended
    assert.strictEqual(code, 1)
    assert.match(stderr, /DAG_REMOTE: "sftp:\/\/…" holds a password/u)
    assert.notInclude(stdout + stderr, "hunter2")
  })

  it("has what nodes printed, which pull brings; where that is gone, logs and verify say no more than they know", async () => {
    const heavy = ["+heavy/a", "--profile", "heavy"]
    assert.strictEqual((await one.behaving({ a: "print" }, ["run", "--yes", ...heavy])).code, 0)
    assert.strictEqual((await one.dag("push", ...heavy, "--remote", remote)).code, 0)
    assert.strictEqual((await two.dag("pull", ...heavy, "--remote", remote)).code, 0)
    const word = "a word from the stage\n"
    const there = await two.dag("logs", "heavy/a", "--profile", "heavy")
    assert.deepStrictEqual([there.stdout, there.stderr], [word, ""])

    for (const path of two.files("artifacts/objects")) if (readFileSync(path, "utf8") === word) rmSync(path)
    const { code, stdout, stderr } = await two.dag("logs", "heavy/a", "--profile", "heavy")
    assert.deepStrictEqual([code, stdout], [0, ""])
    assert.strictEqual(
      stderr,
      "note: what heavy/a printed when it was made is not in this store; bring it where it was pushed: "
        + `dag pull heavy/a --remote ${remote}\n`,
    )
    assert.notInclude((await two.dag("verify")).stdout, "printed")
  })

  it("is not sound, and nothing comes of it, where nobody has pushed: verify and pull say so", async () => {
    mkdirSync(remote, { recursive: true })
    for (const place of [remote, one.beside("nowhere")]) {
      for (const command of ["verify", "pull"]) {
        const { code, stdout, stderr } = await one.dag(command, "--remote", place)
        assert.deepStrictEqual([code, stdout], [1, ""], `${command} ${place}`)
        assert.include(stderr, `${place}: is no remote of redag: it has no redag.json`)
      }
    }
    assert.deepStrictEqual(readdirSync(remote), [])
    assert.isFalse(existsSync(one.beside("nowhere")))
  })

  it("is named by push and pull, which are of no use without one", async () => {
    for (const command of ["push", "pull"]) {
      const { code, stderr } = await one.dag(command)
      assert.strictEqual(code, 2)
      assert.include(stderr, "is not given, and DAG_REMOTE is not set")
    }
  })
})
