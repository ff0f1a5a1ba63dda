// Verifies a proof of redag: numbers of a table, with every action that they were made by. It needs Node 20 or later and
// nothing else. Read it before you run it; docs/audit.md of redag explains the digests.
//
//   node verify.mjs [--no-run] [--key FILE.pem]
//
// Exit code 0: all that was checked is right. 1: something is wrong. 2: nothing wrong was found, but something could not be
// checked that should have been.
import { spawnSync } from "node:child_process"
import { createHash, createPublicKey, verify } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const folder = dirname(fileURLToPath(import.meta.url))
// ---- What is said, and what it comes to ----

const wrong = []
const unable = []
/** Names come from the proof: nothing in them may move the cursor. */
const plain = (text) => String(text).replace(/[^\x20-\x7e\u00a1-\u1fff\u2030-\ud7ff]/gu, (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`)
const say = (text) => console.log(plain(text))
const check = (isRight, sentence) => isRight || (wrong.push(sentence), false)
/** What cannot be anything else if this does not hold. */
const need = (isRight, sentence) => check(isRight, sentence) || end()
const end = () => {
  for (const sentence of wrong.slice(0, 20)) say(`WRONG: ${sentence}`)
  if (wrong.length > 20) say(`WRONG: and ${wrong.length - 20} more`)
  for (const sentence of unable) say(`NOT CHECKED, and should be: ${sentence}`)
  say(wrong.length > 0 ? "This proof does not hold." : unable.length > 0 ? "Nothing wrong was found, but not all was checked." : "All that was checked is right.")
  process.exit(wrong.length > 0 ? 1 : unable.length > 0 ? 2 : 0)
}
const refuse = (sentence) => (unable.push(sentence), end())

// ---- Digests ----

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex")
/** RFC 8785: names in the order of their UTF-16 code units, numbers and strings as JavaScript writes them. */
const canonical = (value) =>
  value === null || typeof value !== "object"
    ? JSON.stringify(value)
    : Array.isArray(value)
    ? `[${value.map(canonical).join(",")}]`
    : `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`
const digestOfValue = (type, value) => sha256(`redag/${type}\n${canonical(value)}`)
/** RFC 6962: the root that a leaf leads to, `index` being its place among `count` leaves. */
const rootFrom = (hash, index, count, path) => {
  if (count <= 1) return path.length === 0 ? hash : undefined
  const last = path.at(-1)
  if (last === undefined) return undefined
  const half = 2 ** (Math.ceil(Math.log2(count)) - 1)
  const inLeft = index < half
  const below = rootFrom(hash, inLeft ? index : index - half, inLeft ? half : count - half, path.slice(0, -1))
  return below === undefined ? undefined : sha256(Uint8Array.of(1), Buffer.from(inLeft ? below + last : last + below, "hex"))
}

// ---- What was asked for ----

let isAsked = false
// What is said of options that are not understood, and of what was written so that it is no proof at all.
process.on("uncaughtException", ({ message }) => isAsked ? need(false, `a file of the proof does not have the form that it should have (${message})`) : refuse(`anything: ${message}`))
const { key: keyFiles = [], "no-run": isReadOnly = false } = parseArgs({ options: { "no-run": { type: "boolean" }, key: { type: "string", multiple: true } } }).values
isAsked = true
const runs = !isReadOnly
const idOf = (key) => sha256(key.export({ type: "spki", format: "der" }))
const wantedKeys = keyFiles.map((file) => {
  try {
    return { file, id: idOf(createPublicKey(readFileSync(file))) }
  } catch {
    return refuse(`who signed: ${file} cannot be read as a key in PEM`)
  }
})

// ---- 1. Every file is the one that the manifest names, and there is nothing else: no link, no other file ----

/** A folder without files is named with the slash at its end. */
const entriesIn = (below) => {
  const entries = readdirSync(join(folder, below), { withFileTypes: true })
  return entries.length === 0 ? [below] : entries.flatMap((entry) => {
    // Nothing is read through a link.
    need(entry.isFile() || entry.isDirectory(), `${below}${entry.name} is a link, or something else than a file`)
    return entry.isDirectory() ? entriesIn(`${below}${entry.name}/`) : [below + entry.name]
  })
}
const found = entriesIn("")
const files = new Map()
const has = (name) => Object.hasOwn(manifest.files, name)
const read = (name) => {
  try {
    if (!files.has(name)) files.set(name, readFileSync(join(folder, name)))
    return files.get(name)
  } catch ({ code }) {
    return need(false, `the file ${name} cannot be read (${code})`)
  }
}
const json = (name) => JSON.parse(read(name).toString())

need(read("manifest.sha256").toString() === `${sha256(read("manifest.json"))}  manifest.json\n`, "manifest.json is not the file of which manifest.sha256 has the sha256")
const manifest = json("manifest.json")
need(manifest.proof === "redag/proof/1", "the manifest is of another format than redag/proof/1")
const isInside = (name) => /^[\w@.-]+(?:\/[\w@.-]+)*$/u.test(name) && !name.split("/").includes("..")
for (const [name, digest] of Object.entries(manifest.files)) {
  need(isInside(name), `the manifest names a file outside of the proof: ${name}`)
  check(sha256(read(name)) === digest, `the file ${name} is not the one that the manifest names`)
}
for (const name of found) check(has(name) || /^manifest\.(?:json|sha256|dsse\.json)$/u.test(name), `${name} is none of the proof's: the manifest does not name it`)
if (wrong.length > 0) end()

// ---- 2. Every action is the one of its key, and its code the one of its digest ----

for (const { node, key } of manifest.actions) need(has(`records/${key}.json`), `${node}: its record is not in the proof`)
const actions = manifest.actions.map((action) => ({ ...action, record: json(`records/${action.key}.json`) }))
const actionOf = new Map(actions.map((action) => [action.node, action]))
check(actionOf.size === actions.length, "two actions are said to be of the same node")
/** The texts of the programs, by the digest of the code. */
const programs = new Map()
for (const { node, key, record } of actions) {
  check(digestOfValue("action/1", record.preImage) === key && record.key === key, `${node}: its key is not the digest of what its action was made of`)
  const name = `code/${record.preImage.code}.json`
  if (!check(has(name), `${node}: its code is not in the proof`)) continue
  const code = json(name)
  check(digestOfValue("code/2", code) === record.preImage.code, `${node}: its code is not that of its digest`)
  const program = `programs/${code.program}.mjs`
  if (!has(program)) continue
  check(sha256(read(program)) === code.program, `${node}: the text of its program is not that of its digest`)
  programs.set(record.preImage.code, read(program).toString())
  for (const [name, { manifest: expected }] of Object.entries(code.packages)) {
    const own = `node_modules/${name}/package.json`
    if (has(own)) check(sha256(read(own)).startsWith(expected), `${node}: its package ${name} is another one than its key names`)
  }
}

// ---- 3. The wires join: what an action takes is what another made, and nothing is there that leads to no number ----

/** By the digest of a table, the nodes that made it. */
const outputs = new Map()
for (const { node, record } of actions) for (const { digest } of Object.values(record.outputs)) outputs.set(digest, [...outputs.get(digest) ?? [], node])
const taken = new Set()
let [outside, sources] = [0, 0]
for (const { node, record } of actions) {
  for (const [role, { files = [], digests = [] }] of Object.entries(record.preImage.inputs)) {
    sources += files.length
    for (const digest of digests) {
      taken.add(digest)
      // The table of all results takes what other cells made too; where it is what is proved, all of them are here.
      if (!outputs.has(digest) && node === manifest.table && !manifest.nodes.includes(node)) outside++
      else check(outputs.has(digest), `${node}: what it takes as "${role}" was made by no action of the proof`)
    }
  }
}
for (const { node, record } of actions) {
  const isUsed = node === manifest.table || manifest.nodes.includes(node) || Object.values(record.outputs).some(({ digest }) => taken.has(digest))
  check(isUsed, `${node}: nothing of the proof takes what it made`)
}
check(manifest.nodes.length > 0, "no node is named that it proves")
for (const node of manifest.nodes) check(actionOf.has(node), `${node}: its action is not in the proof`)
for (const name of Object.keys(manifest.files)) {
  const digest = /^tables\/([0-9a-f]{64})\.parquet$/u.exec(name)?.[1]
  // Its bytes have the sha256 that the manifest says.
  check(digest === undefined || manifest.files[name] === digest, `the table ${digest} is not that of its digest`)
  check(digest === undefined || outputs.has(digest) || taken.has(digest), `the table ${digest} is of no action of the proof`)
}

// ---- 4. Every action leads to the root, and who signed that ----

const { leaves, root } = manifest.tree
for (const { node, key, record, index, path } of actions) {
  const made = Object.entries(record.outputs).filter(([, { varies }]) => !varies).map(([name, { digest }]) => [name, digest])
  const leaf = canonical({ node, key, outputs: Object.fromEntries(made) })
  check(rootFrom(sha256(Uint8Array.of(0), `redag/leaf/1\n${leaf}`), index, leaves, path) === root, `${node}: what it made does not lead to the root`)
}
/** Who signed a digest: in DSSE the type is signed with the text. */
const signersOf = (entries, type, signedDigest, what) =>
  entries.flatMap(({ envelope, publicKey }) => {
    const key = createPublicKey(publicKey)
    const payload = Buffer.from(envelope.payload, "base64")
    const signed = Buffer.concat([Buffer.from(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `), payload])
    const holds = key.asymmetricKeyType === "ed25519" && envelope.signatures.some(({ sig }) => verify(null, signed, key, Buffer.from(sig, "base64")))
    if (!check(holds, `a signature is not by the key ${idOf(key)}`)) return []
    const { predicateType, subject, predicate } = JSON.parse(payload.toString())
    const isOf = predicateType === `urn:redag:${type}:1` && subject.some(({ digest }) => digest.sha256 === signedDigest) && predicate.root === root && predicate.leaves === leaves
    return check(isOf, `a signature is of another ${what}`) && check(predicate.profile === manifest.profile, "a signature is of another profile") ? [{ id: idOf(key), ...predicate }] : []
  })
const signers = signersOf(json("signatures.json"), "results", root, "root")
// Rows, run/ and what the manifest itself says lead to no root: only who signed the archive vouches for them.
const packers = found.includes("manifest.dsse.json") ? signersOf([json("manifest.dsse.json")], "proof", sha256(read("manifest.json")), "archive") : []
for (const { file, id } of wantedKeys) check(signers.some((signer) => signer.id === id), `no signature of this root is by the key ${id} of ${file}`)
if (wantedKeys.length > 0 && packers.length === 0) unable.push("that rows/, run/ and the manifest are what was packed: no key signed this archive (dag prove --sign KEY)")
else check(wantedKeys.length === 0 || packers.some(({ id }) => wantedKeys.some((key) => key.id === id)), "this archive is not signed by a key that was asked for")
if (wrong.length > 0) end()

// ---- 5. The programs make the same tables again; see docs/audit.md for what may go wrong with that ----

const again = actions.filter(({ notAgain }) => notAgain === null)
const looked = []
if (runs && again.length > 0) {
  const [major, minor] = process.versions.node.split(".").map(Number)
  const flags = major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13) ? "--permission" : "--experimental-permission"
  // It may read this folder. It may not write, start a process or load native code; Node 25 and later refuse the network too.
  const child = spawnSync(process.execPath, ["--no-warnings", flags, `--allow-fs-read=${join(folder, "*")}`, join(folder, "run/runner.mjs"), folder], { env: {}, encoding: "utf8", timeout: 120_000, maxBuffer: 1 << 26 })
  try {
    for (const line of child.stdout.split("\n").slice(0, -1)) looked.push(JSON.parse(line))
  } catch {
    unable.push("the programs printed something else than what they compared")
  }
  if (child.status !== 0) unable.push(`the programs could not be executed: ${(child.stderr ?? "").trim().split("\n").find((line) => /error/iu.test(line)) ?? child.error?.message ?? child.signal}`)
  for (const { what, node, name, problem } of looked) {
    const isOlder = major < Number(/^\d+/u.exec(actionOf.get(node)?.record.versions.node ?? "")?.[0] ?? 0)
    if (what === "failed" && isOlder) unable.push(`${node} ${problem}; it ran on a later Node than this one`)
    else check(problem === null, `${node}: ${name}: ${problem}`)
  }
}
const isMade = ({ node, record }) => Object.keys(record.outputs).every((output) => looked.some((one) => one.what === "output" && one.node === node && one.name === output))
// What stands between what is proved and the first program that needs more than tables, such as one that generates, has to
// be made again. The proof's own word for why it is not counts for nothing: this looks at what the text imports.
const harmless = /^(?:assert|buffer|crypto|path|url|util)$/u
/** The first module of Node that a program imports and that reaches beyond the process. */
const beyond = ({ record }) => [...(programs.get(record.preImage.code) ?? "").matchAll(/\b(?:from\s*|import\s*\(?\s*)"node:([^"]+)"/gu)].map(([, name]) => name).find((name) => !harmless.test(name))
const linked = new Set([...manifest.nodes, ...manifest.numbers.map(({ node }) => node)].filter((node) => actionOf.has(node)))
// The set grows while it is gone through.
for (const node of runs ? linked : []) {
  const action = actionOf.get(node)
  const makers = Object.values(action.record.preImage.inputs).flatMap(({ digests = [] }) => digests.flatMap((digest) => outputs.get(digest) ?? []))
  if (isMade(action)) makers.forEach((maker) => linked.add(maker))
  else if (manifest.nodes.includes(node) || beyond(action) === undefined) unable.push(`that ${node} makes what its record says: ${action.notAgain ?? "nothing was said of it"}`)
}

// ---- What was checked, and what was not ----

if (!runs) say("These lines were not compared with the tables (--no-run):")
for (const { node, output, where, columns } of manifest.numbers) {
  const digest = actionOf.get(node)?.record.outputs[output]?.digest
  const rows = has(`rows/${digest}.jsonl`) ? read(`rows/${digest}.jsonl`).toString().split("\n").slice(0, -1).map((line) => JSON.parse(line)) : []
  check(again.some((action) => action.node === node), `${node}: numbers are shown of a table that no program makes again here`)
  const own = rows.filter((row) => Object.entries(where).every(([name, value]) => row[name] === value))
  check(own.length === 1, `${node}: ${output} has ${own.length} rows of ${JSON.stringify(where)}, and one is to be shown`)
  for (const name of columns) check(own.every((row) => Object.hasOwn(row, name)), `${node}: ${output} has no column ${name}`)
  check(has(`tables/${digest}.parquet`), `${node}: numbers are shown of a table that is not in the proof`)
  // All of the row is shown, in whatever order: what cell it is of, the manifest does not decide.
  const shown = (row, names) => names.map((name) => `${name} ${JSON.stringify(row[name])}`).join(", ")
  for (const row of wrong.length > 0 ? [] : own) say(`${node}: ${shown(row, columns)}  (${shown(row, Object.keys(row).filter((name) => !columns.includes(name)))})`)
}
say(`Checked: ${Object.keys(manifest.files).length} files; ${actions.length} actions by their keys; ${new Set(programs.values()).size} programs; the wires between them; that all lead to the root ${root}, which is over ${leaves} nodes.`)
say(signers.length === 0 ? "Not checked: who vouches for the root. Nobody signed it: compare it with one that you have from elsewhere." : signers.map(({ id, signed, flags }) => `Signed at ${signed} by the key ${id}, as the results of ${flags}. Whose key that is, you have to know.`).join(" "))
say(packers.length === 0 ? "Not checked: that rows/ hold what the tables in Parquet hold. That is the word of run/ in this very archive, which nobody signed." : `The archive was signed at ${packers[0].signed} by the key ${packers[0].id}.`)
say(runs ? `Executed again: ${actions.filter(isMade).map(({ node }) => node).join(", ") || "nothing"}; each made the table of its digest, if nothing is said below.` : "Not checked: that the programs make these tables (--no-run).")
for (const action of runs ? actions : []) if (!isMade(action)) say(`Not checked: that ${action.node} makes what its record says: ${beyond(action) === undefined ? action.notAgain : `its program uses node:${beyond(action)}`}.`)
say(`Not checked: the ${sources} files that were read, ${outside} tables of other cells, and all else that is known by its sha256 alone; times and versions in the records; that run/ and node_modules/ are what redag and the packages published.`)
say(`Not checked${wantedKeys.length > 0 ? ", but signed" : ""}: that the programs, params and wires are those that the results were made by. They fit their own digests; whoever makes up others, such as a program that scores all as right, has another root.`)
end()
