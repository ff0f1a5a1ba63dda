import { execFile } from "node:child_process"
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { digestOf } from "../../pipeline/base/digest.ts"
import { always, onlyNew, replacing } from "../../pipeline/store/remote/remote.ts"
import { collected, failing, text, using } from "../pipeline/store/remote/contract.ts"
import { environmentOfTests, inEnvironment } from "./environment.ts"
import { noSshd, sshdOfTests } from "./sshd.ts"

describe.skipIf(noSshd !== undefined)(`SFTP where things go wrong${noSshd === undefined ? "" : `: ${noSshd}`}`, () => {
  const sshd = sshdOfTests()
  environmentOfTests(() => sshd.variables)

  it("connects again where the connection is cut, wherever that is", async () => {
    const { address, folder } = sshd.newAddress()
    const outcomes: Array<unknown> = []
    // A connection takes about 4 kB to begin with.
    for (let bytes = 4000; bytes < 10_000; bytes += 1000) {
      sshd.cutter.cutAfter(bytes, 2)
      const name = `cut/${bytes}`
      const first = await using(address)((remote) => remote.write(name, text("one"), onlyNew))
      sshd.cutter.cutAfter(bytes, 2)
      const second = await using(address)((remote) => remote.write(name, text("two"), replacing(first ?? "")))
      sshd.cutter.cutAfter(0, 0)
      outcomes.push(first === digestOf("one"), second === digestOf("two"), readFileSync(join(folder, name), "utf8"))
    }
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => [true, true, "two"]).flat())
  })

  it("reads and uploads something large over connections that are cut again and again", async () => {
    const { address, folder } = sshd.newAddress()
    mkdirSync(folder)
    const bytes = Buffer.from(Uint32Array.from({ length: 1_500_000 }, (_, index) => index).buffer)
    const path = join(dirname(folder), "file")
    writeFileSync(path, bytes)
    const digest = digestOf(bytes)
    sshd.cutter.cutAfter(2_000_000, 5)
    const before = sshd.cutter.connections()
    await using(address)((remote) => remote.upload("large", { path, digest, size: bytes.length }, () => undefined))
    sshd.cutter.cutAfter(3_000_000, 3)
    expect(digestOf(await using(address)((remote) => collected(remote.readFrom("large", 0))))).toBe(digest)
    sshd.cutter.cutAfter(0, 0)
    expect(sshd.cutter.connections() - before).toBeGreaterThan(4)
    expect(readdirSync(join(folder, "tmp"))).toEqual([])
  })

  it("refuses a host that OpenSSH does not know, and one that shows another key", async () => {
    const known = readFileSync(sshd.knownHosts, "utf8")
    const { address } = sshd.newAddress()
    writeFileSync(sshd.knownHosts, "")
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({
      code: "refused",
      message: "the host is not among those that OpenSSH knows",
      help: "run `ssh rig` once and compare the key that it shows; then run again",
    })
    expect(await failing(address.replace("rig", "rig:1"), (remote) => remote.read("a", 9))).toMatchObject({
      help: "run `ssh -p 1 rig` once and compare the key that it shows; then run again",
    })
    // A key that is right but for its last digits.
    writeFileSync(sshd.knownHosts, known.replace(/.{4}( \S+)?\n$/u, "AAAA\n"))
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({
      code: "refused",
      message: "the host shows another key than the one that OpenSSH knows it by",
    })
    writeFileSync(sshd.knownHosts, `${known}@revoked ${known}`)
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({ code: "refused" })
    // Names may be kept as hashes.
    writeFileSync(sshd.knownHosts, known)
    await promisify(execFile)("ssh-keygen", ["-H", "-f", sshd.knownHosts])
    expect(readFileSync(sshd.knownHosts, "utf8")).toMatch(/^\|1\|/u)
    expect(await using(address)((remote) => remote.read("a", 9))).toBeUndefined()
    writeFileSync(sshd.knownHosts, known)
  })

  it("says so where no key is accepted", async () => {
    const config = readFileSync(sshd.config, "utf8")
    writeFileSync(sshd.config, config.replace(/IdentityFile .*/u, "IdentityFile /nowhere"))
    expect(await failing(sshd.newAddress().address, (remote) => remote.read("a", 9))).toMatchObject({
      code: "refused",
      message: "no key of yours is accepted there",
    })
    writeFileSync(sshd.config, config)
  })

  it("reaches a host behind another one", async () => {
    const { folder } = sshd.newAddress()
    appendFileSync(
      sshd.config,
      readFileSync(sshd.config, "utf8").replace("Host rig", "Host behind").concat("  ProxyJump rig\n"),
    )
    const before = sshd.cutter.connections()
    await using(`sftp://behind${folder}`)((remote) => remote.write("a", text("one"), always))
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("one")
    expect(sshd.cutter.connections() - before).toBe(2)
  })

  it("says so where OpenSSH is not installed, or the host cannot be reached", async () => {
    const { address } = sshd.newAddress()
    const back = inEnvironment({ PATH: "/nowhere" })
    const error = await failing(address, (remote) => remote.read("a", 9))
    back()
    expect(error).toMatchObject({
      _tag: "InputError",
      message: "needs OpenSSH, and there is no program ssh on the PATH",
    })
    sshd.cutter.refuse(true)
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({ code: "unreachable" })
    sshd.cutter.refuse(false)
  })
})
