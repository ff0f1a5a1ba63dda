import AdmZip from "adm-zip"
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { canonical } from "../../pipeline/base/canonical.ts"
import { leafText, leavesOf } from "../../pipeline/report/proof/leaves.ts"
import { leafHash, pathTo, rootOver } from "../../pipeline/report/proof/merkle.ts"
import type { Manifest, ProvedRecord } from "../../pipeline/report/proof/proof.ts"

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex")

/** Something that can be changed at any depth. */
type Loose<A> = A extends ReadonlyArray<infer B> ? Array<Loose<B>>
  : A extends string ? string
  : A extends object ? { -readonly [Name in keyof A]: Loose<A[Name]> }
  : A

/** How a verifier ended, and what it found wrong. */
export interface Verdict {
  readonly code: number | null
  readonly stdout: string
  readonly wrong: ReadonlyArray<string>
}

/** An unpacked proof that a forger works on. */
export class ProofFolder {
  readonly folder: string
  readonly #original: ReadonlyMap<string, Buffer>
  #touched = new Set<string>()

  constructor(folder: string, archive: string) {
    this.folder = folder
    const entries = new AdmZip(archive).getEntries()
    this.#original = new Map(entries.map((entry) => [entry.entryName, entry.getData()]))
    rmSync(folder, { recursive: true, force: true })
    for (const [name, bytes] of this.#original) this.#put(name, bytes)
  }

  /** The names of all files, in their order. */
  get names(): ReadonlyArray<string> {
    return [...this.#original.keys()]
  }

  #put(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true })
    writeFileSync(join(this.folder, name), content)
  }

  read(name: string): Buffer {
    return readFileSync(join(this.folder, name))
  }

  write(name: string, content: string | Uint8Array): void {
    this.#touched.add(name)
    this.#put(name, content)
  }

  remove(name: string): void {
    this.#touched.add(name)
    rmSync(join(this.folder, name), { force: true })
  }

  /** Sets all files as they were. */
  restore(): void {
    for (const name of this.#touched) {
      const bytes = this.#original.get(name)
      if (bytes === undefined) rmSync(join(this.folder, name), { force: true })
      else this.#put(name, bytes)
    }
    this.#touched = new Set()
  }

  get manifest(): Loose<Manifest> {
    return JSON.parse(this.read("manifest.json").toString()) as Loose<Manifest>
  }

  record(key: string): Loose<ProvedRecord> {
    return JSON.parse(this.read(`records/${key}.json`).toString()) as Loose<ProvedRecord>
  }

  /** Writes a manifest that names the files as they are now, and its own digest. */
  publish(manifest: Loose<Manifest>): void {
    const names = [...new Set([...Object.keys(manifest.files), ...this.#touched])]
      .filter((name) => !name.startsWith("manifest.") && existsSync(join(this.folder, name)))
    const files = Object.fromEntries(names.map((name) => [name, sha256(this.read(name))]))
    // A forger has no key to sign the archive with.
    this.remove("manifest.dsse.json")
    const text = JSON.stringify({ ...manifest, files })
    this.write("manifest.json", text)
    this.write("manifest.sha256", `${sha256(text)}  manifest.json\n`)
  }

  /**
   * Rewrites the record of a node as a forger would who makes all digests fit: its key, the keys of all that take what it
   * makes, and the root where the proof has all that it is over.
   */
  rewrite(node: string, change: (record: Loose<ProvedRecord>) => void, withRoot: boolean): void {
    const manifest = this.manifest
    const records = new Map(manifest.actions.map(({ node: name, key }) => [name, this.record(key)]))
    for (const action of manifest.actions) {
      const record = records.get(action.node)
      if (record === undefined || action.node !== node) continue
      const before = `records/${action.key}.json`
      change(record)
      record.key = sha256(`redag/action/1\n${canonical(record.preImage)}`)
      action.key = record.key
      const after = `records/${record.key}.json`
      if (after !== before) this.remove(before)
      this.write(after, canonical(record))
    }
    if (withRoot) {
      const ordered = [...records].toSorted(([one], [other]) => (one < other ? -1 : 1))
      const hashes = leavesOf({ records: new Map(ordered) as never }).map((leaf) => leafHash(leafText(leaf)))
      manifest.tree = { leaves: hashes.length, root: rootOver(hashes) }
      for (const action of manifest.actions) {
        action.index = ordered.findIndex(([name]) => name === action.node)
        action.path = [...pathTo(action.index, hashes)]
      }
    }
    this.publish(manifest)
  }

  /** What the proof's own verifier says. */
  verify(...options: ReadonlyArray<string>): Verdict {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(this.folder, "verify.mjs"), ...options], {
      encoding: "utf8",
      env: {},
    })
    const wrong = stdout.split("\n").filter((line) => line.startsWith("WRONG: ")).map((line) => line.slice(7))
    return { code: status, stdout: stdout + stderr, wrong }
  }
}

/** Numbers from 0 to below `limit` that look random, the same for the same seed. */
export const chance = (seed: number) => {
  let state = seed
  return (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(state / 2 ** 32 * limit)
  }
}

/** One way to forge a proof, and what the verifier must say of it. */
export interface Forgery {
  readonly what: string
  readonly says: RegExp
}

const flipped = (digest: string, random: (limit: number) => number): string => {
  const at = random(digest.length)
  const other = "0123456789abcdef"[(parseInt(digest[at] ?? "0", 16) + 1 + random(15)) % 16] ?? "0"
  return digest.slice(0, at) + other + digest.slice(at + 1)
}

/** Every way to forge; those that need the programs to be found are told apart by `runs`. The proof must be signed. */
export const forgeries: Readonly<Record<string, (proof: ProofFolder, random: (limit: number) => number) => Forgery>> = {
  bit: (proof, random) => {
    // Of the verifier itself only who knows its sha256 can tell.
    const names = proof.names.filter((name) =>
      !/^(?:verify\.mjs|manifest\.dsse\.json)$/u.test(name) && proof.read(name).length > 0
    )
    const name = names[random(names.length)] ?? ""
    const bytes = proof.read(name)
    const at = random(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ 2 ** random(8)
    proof.write(name, bytes)
    return { what: `a bit of ${name}`, says: /is not the (?:one that the manifest names|file of which)/u }
  },
  cut: (proof, random) => {
    // A table without rows has no lines to lose.
    const names = proof.names.filter((name) => !/^(?:verify|manifest)\./u.test(name) && proof.read(name).length > 0)
    const name = names[random(names.length)] ?? ""
    const bytes = proof.read(name)
    proof.write(name, bytes.subarray(0, random(bytes.length)))
    return { what: `${name} cut short`, says: /is not the one that the manifest names/u }
  },
  added: (proof, random) => {
    proof.write(`tables/${sha256(String(random(1e9)))}.parquet`, "PAR1")
    return { what: "a table more", says: /is none of the proof's/u }
  },
  removed: (proof, random) => {
    const names = proof.names.filter((name) => /^(?:records|tables|rows|programs|code)\//u.test(name))
    const name = names[random(names.length)] ?? ""
    proof.remove(name)
    return { what: `${name} removed`, says: /cannot be read/u }
  },
  digest: (proof, random) => {
    const { actions } = proof.manifest
    const { node } = actions[random(actions.length)] ?? { node: "" }
    proof.rewrite(node, ({ outputs }) => {
      const own = Object.values(outputs).filter(({ varies }) => !varies)
      const output = own[random(own.length)]
      if (output !== undefined) output.digest = flipped(output.digest, random)
    }, false)
    return { what: `the digest of what ${node} made`, says: /does not lead to the root|was made by no action/u }
  },
  wire: (proof, random) => {
    const { actions } = proof.manifest
    const wired = actions.filter(({ key }) =>
      Object.values(proof.record(key).preImage.inputs).some((input) => "digests" in input && input.digests.length > 0)
    )
    const { node } = wired[random(wired.length)] ?? { node: "" }
    proof.rewrite(node, ({ preImage: { inputs } }) => {
      const own = Object.values(inputs).flatMap((input) =>
        "digests" in input && input.digests.length > 0 ? [input] : []
      )
      const input = own[random(own.length)]
      if (input !== undefined) input.digests[0] = flipped(input.digests[0] ?? "", random)
    }, false)
    return { what: `what ${node} took`, says: /does not lead to the root|was made by no action/u }
  },
  param: (proof, random) => {
    const { actions } = proof.manifest
    const { node } = actions[random(actions.length)] ?? { node: "" }
    proof.rewrite(node, ({ preImage }) => {
      preImage.params = { ...preImage.params, forged: random(1e9) }
    }, true)
    return { what: `a param of ${node}, and the root`, says: /a signature is of another root/u }
  },
  program: (proof, random) => {
    const names = proof.names.filter((name) => name.startsWith("programs/"))
    const name = names[random(names.length)] ?? ""
    proof.write(name, `${proof.read(name).toString()}// ${random(1e9)}\n`)
    proof.publish(proof.manifest)
    return { what: `the text of ${name}`, says: /the text of its program is not that of its digest/u }
  },
  signature: (proof, random) => {
    const signatures = JSON.parse(proof.read("signatures.json").toString()) as Array<
      { envelope: { payload: string; signatures: Array<{ sig: string }> } }
    >
    const [envelope] = signatures.map((each) => each.envelope)
    if (envelope === undefined) throw new Error("the proof is not signed")
    const payload = Buffer.from(envelope.payload, "base64")
    const at = random(payload.length)
    payload[at] = (payload[at] ?? 0) ^ 1
    envelope.payload = payload.toString("base64")
    proof.write("signatures.json", JSON.stringify(signatures))
    proof.publish(proof.manifest)
    return { what: "what was signed", says: /a signature is not by the key/u }
  },
}

/** Says of an action what is not so: that it cannot be made again. */
export const excuse = (proof: ProofFolder, node: string, why: string): void => {
  const { manifest } = proof
  proof.publish({
    ...manifest,
    actions: manifest.actions.map((each) => (each.node === node ? { ...each, notAgain: why } : each)),
  })
}

/** Rows that the lines for people have, with a program that compares them and finds everything right. */
export const forgeRunner = (proof: ProofFolder, random: (limit: number) => number): Forgery => {
  const signed = proof.read("manifest.dsse.json")
  const { what } = forgeRows(proof, random)
  proof.write(
    "run/runner.mjs",
    `import { readFileSync } from "node:fs"
const json = (name) => JSON.parse(readFileSync(process.argv[2] + "/" + name))
for (const { node, key } of json("manifest.json").actions) {
  for (const name of Object.keys(json("records/" + key + ".json").outputs)) {
    console.log(JSON.stringify({ what: "output", node, name, problem: null }))
  }
}
`,
  )
  proof.publish(proof.manifest)
  proof.write("manifest.dsse.json", signed)
  return { what: `${what}, and what compares it`, says: /a signature is of another archive/u }
}

/** Rows that the lines for people have, and the table has not. */
export const forgeRows = (proof: ProofFolder, random: (limit: number) => number): Forgery => {
  const names = proof.names.filter((name) => name.startsWith("rows/") && /\d/u.test(proof.read(name).toString()))
  const name = names[random(names.length)] ?? ""
  const text = proof.read(name).toString()
  const digits = [...text.matchAll(/\d/gu)]
  const { index = 0, 0: digit = "0" } = digits[random(digits.length)] ?? {}
  proof.write(name, text.slice(0, index) + String((Number(digit) + 1) % 10) + text.slice(index + 1))
  proof.publish(proof.manifest)
  return { what: `a digit of ${name}`, says: /the lines for people are not the rows of the table/u }
}

/**
 * A table that nobody computed, with its lines, its record, its key, the root: all digests fit. Where the signature is
 * dropped, only the program shows it.
 */
export const forgeTable = (
  proof: ProofFolder,
  node: string,
  output: string,
  table: { readonly bytes: Uint8Array; readonly lines: string },
  keepSignature: boolean,
): Forgery => {
  const digest = sha256(table.bytes)
  const old = proof.record(proof.manifest.actions.find((action) => action.node === node)?.key ?? "").outputs[output]
  proof.write(`tables/${digest}.parquet`, table.bytes)
  proof.write(`rows/${digest}.jsonl`, table.lines)
  for (const name of [`tables/${old?.digest}.parquet`, `rows/${old?.digest}.jsonl`]) proof.remove(name)
  if (!keepSignature) proof.write("signatures.json", "[]")
  proof.publish(proof.manifest)
  proof.rewrite(node, ({ outputs }) => {
    const made = outputs[output]
    if (made !== undefined) Object.assign(made, { digest, size: table.bytes.length })
  }, true)
  return {
    what: `the table of ${node}`,
    says: keepSignature ? /a signature is of another root/u : /the program makes another table than the record says/u,
  }
}
