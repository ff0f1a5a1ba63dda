import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { envelop } from "../../../pipeline/store/envelope.ts"
import { treeOf } from "../../rig/flips.ts"
import { type Ended, type Project, sharedProject } from "../../rig/project.ts"

/** Every command that reads a store; the last ones write to it too. */
const commands: ReadonlyArray<ReadonlyArray<string>> = [
  ["verify"],
  ["verify", "--json"],
  ["status"],
  ["plan"],
  ["ls"],
  ["show", "total/all"],
  ["lineage", "total/all"],
  ["results"],
  ["diff"],
  ["why", "total/all"],
  ["pin", "--list"],
  ["gc", "--dry-run", "--older-than", "0s"],
  ["repair", "--dry-run"],
  ["repair"],
  ["gc", "--older-than", "0s"],
  ["run", "--yes"],
]

/** What ends in any way but by a defect, a signal or none at all. */
const isPlain = ({ code, stdout, stderr }: Ended): boolean =>
  code !== null && [0, 1, 3, 4].includes(code) && !/\bbug:|\bBug\b|defect of redag/u.test(stdout + stderr)

/** Runs every command, and gives those that end otherwise than plainly. */
const trouble = async (project: Project): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for (const words of commands) {
    const ended = await project.dag(...words)
    if (!isPlain(ended)) found.push(`dag ${words.join(" ")}: ${ended.code}\n${ended.stdout}${ended.stderr}`)
  }
  return found
}

const hex = (digit: string): string => digit.repeat(64)

describe("a store from elsewhere", () => {
  const project = sharedProject()
  const inStore = (...names: ReadonlyArray<string>): string => project.path("artifacts", ...names)
  const outside = (): string => project.beside("outside")
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const newOutside = (): ReadonlyMap<string, string> => {
    rmSync(outside(), { recursive: true, force: true })
    put(join(outside(), "precious"), "precious\n")
    return treeOf(outside())
  }

  it("may have links, FIFOs, sockets' kin, holes of a terabyte and absurd names: none is followed, opened or removed", async () => {
    assert.strictEqual((await project.dag("run", "--yes")).code, 0)
    const before = newOutside()
    const [object = ""] = /objects\/\S+/u.exec((await project.dag("show", "add/step1")).stdout) ?? []
    // The right bytes, behind a link.
    renameSync(inStore(object), join(outside(), "object"))
    symlinkSync(join(outside(), "object"), inStore(object))
    symlinkSync(outside(), inStore("objects", "zz"))
    symlinkSync(join(outside(), "precious"), inStore("actions", `${hex("a")}.json`))
    symlinkSync(outside(), inStore("unfinished"))
    execFileSync("mkfifo", [inStore("runs", "20260101-000000-zzz.ndjson"), inStore("actions", `${hex("b")}.json`)])
    execFileSync("mkfifo", [inStore("heads", "main.7.json"), inStore("code", `${hex("c")}.json`)])
    mkdirSync(inStore("actions", `${hex("d")}.json`))
    put(inStore("actions", "line\nbreak\u001B[31m.json"), "{}")
    put(inStore("pins", "..%2fescape.json"), "{}")
    for (const names of [["actions", `${hex("e")}.json`], ["objects", "ee", hex("e").slice(2)]]) {
      put(inStore(...names), "")
      const file = openSync(inStore(...names), "r+")
      ftruncateSync(file, 2 ** 40)
      closeSync(file)
    }
    const verify = await project.dag("verify")
    assert.strictEqual(verify.code, 3, verify.stdout)
    for (const word of ["is a link", "is a FIFO", "is a folder", "of which the disk holds only"]) {
      assert.include(verify.stdout, word)
    }
    assert.include(verify.stdout, "\"actions/line\\nbreak\\\\u001b[31m.json\"")
    const gc = await project.dag("gc", "--older-than", "0s")
    assert.strictEqual(gc.code, 1, "a record that cannot be read keeps what nobody knows")
    assert.deepStrictEqual(await trouble(project), [])
    const after = new Map(treeOf(outside()))
    assert.strictEqual(after.get("object"), object.slice(-65).replace("/", ""))
    after.delete("object")
    assert.deepStrictEqual(after, new Map(before))
    assert.strictEqual(readFileSync(join(outside(), "precious"), "utf8"), "precious\n")
  })

  it("may have records of absurd numbers and names and nested without end: none is believed, and nothing leaves the store", async () => {
    assert.strictEqual((await project.dag("run", "--yes")).code, 0)
    const results = (await project.dag("results", "--json")).stdout
    const before = newOutside()
    const records = [...treeOf(inStore()).keys()].filter((path) => path.startsWith("actions/"))
    const changes: ReadonlyArray<(record: string) => string> = [
      (record) => record.replace(/"size": \d+/u, "\"size\": 9007199254740992"),
      (record) => record.replace(/"size": \d+/u, "\"size\": -1"),
      (record) => record.replace(/"rows": \d+/u, "\"rows\": NaN"),
      (record) => record.replace(/"milliseconds": \d+/u, "\"milliseconds\": 1e308"),
      (record) => record.replace(/"node": "[^"]+"/u, "\"node\": \"../../outside/escape\\u001b[31m\\n\""),
      (record) => record.replace(/"path": "[^"]+"/u, `"path": ${JSON.stringify(join(outside(), "precious"))}`),
      () => `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
      (record) =>
        record.replace(/"params": \{/u, `"params": {"deep": ${"{\"a\":".repeat(50_000)}1${"}".repeat(50_000)}, `),
    ]
    for (const [index, path] of records.entries()) {
      const { content } = JSON.parse(readFileSync(inStore(path), "utf8")) as { readonly content: unknown }
      const change = changes[index % changes.length]
      if (change !== undefined) put(inStore(path), envelop(change(JSON.stringify(content, null, 2))))
    }
    const absurd = JSON.stringify({ redag: 1 }).repeat(3)
    put(inStore("conflicts", `${hex("1")}.${"0".repeat(16)}.json`), envelop("{\"key\": \"../../outside\"}"))
    put(inStore("accepted", `${hex("2")}.json`), absurd)
    put(inStore("released", `${hex("3")}.json`), envelop(`{"key": "${hex("3")}", "when": "", "objects": []}`))
    put(inStore("heads", "main.999999999999999.json"), envelop(`{"../../outside/x": "${hex("4")}"}`))
    put(inStore("runs", "99999999-999999-z.ndjson"), "\u0000".repeat(1000))
    put(inStore("processes", "x.json"), "{\"at\": 1e999}")
    put(inStore("leases", `${hex("5")}.00000000-1-1-1-00000000`), "\u001B[2J")
    put(inStore("unfinished", hex("6"), "state-1.json"), `${digestOf("x")}\nx\n`)
    put(inStore("suspects", "../suspects/x"), "")

    assert.deepStrictEqual(await trouble(project), [])
    const refused = await project.dag("run", "--yes")
    assert.match(refused.stderr, /main\.999999999999999\.json: is a version that no store comes to/u)
    rmSync(inStore("heads", "main.999999999999999.json"))
    const run = await project.dag("run", "--yes")
    assert.strictEqual(run.code, 0, run.stdout + run.stderr)
    assert.strictEqual((await project.dag("results", "--json")).stdout, results)
    assert.deepStrictEqual(treeOf(outside()), before)
  })
})
