import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { canonical, NotCanonical } from "../../base/canonical.ts"
import { type Digest, digestOf } from "../../base/digest.ts"
import { InputError, type StoreError } from "../../base/errors.ts"
import { type Graph, type Node, sources } from "../../graph/node.ts"
import type { RowSchema } from "../../graph/stage.ts"
import type { Code } from "../../identity/code.ts"
import { programFile } from "../../identity/programs.ts"
import type { ActionRecord } from "../../store/record.ts"
import type { Envelope } from "../../store/signatures.ts"
import { Store } from "../../store/store.ts"
import { type Closure, closureOf, leafText, leavesOf } from "./leaves.ts"
import { leafHash, pathTo, rootOver } from "./merkle.ts"
import { importsIn, modulesFrom, packagesFor } from "./modules.ts"
import { type Manifest, type Numbers, places, type ProvedRecord } from "./proof.ts"
import { readme } from "./readme.ts"
import { linesOf, rowsIn } from "./rows.ts"

/** What is to be proved. */
export interface ToProve {
  readonly graph: Graph
  readonly records: ReadonlyMap<string, ActionRecord>
  /** The nodes whose tables are to be proved. */
  readonly nodes: ReadonlyArray<string>
  /** The node that holds the results, where there is one. */
  readonly table: string | undefined
  readonly numbers: ReadonlyArray<Numbers>
  /** The folders of the project and of its build. */
  readonly root: string
  readonly build: string
}

/** The files of a proof, by path, in their order. */
export interface Proof {
  readonly manifest: typeof Manifest.Type
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly signatures: number
}

/** As much of tables as a proof carries, compressed, in bytes. */
const MOST_BYTES = 1_300_000

/**
 * What the executions may have taken together, in milliseconds, that stand before what trains or generates: the numbers
 * do not follow from them by execution anyway. Of those that link the numbers to it none is left out for its time.
 */
const MOST_MS = 10_000

/** Puts together what proves the tables of some nodes. */
export const collect = Effect.fnUntraced(function*(asked: ToProve): Effect.fn.Return<
  Proof,
  InputError | StoreError,
  Store
> {
  const { graph, records, nodes, build } = asked
  const own = closureOf(graph, records, nodes)
  const [untraced] = own.untraced
  if (untraced !== undefined) {
    return yield* new InputError({
      field: untraced.node,
      message: `took an input "${untraced.role}" that no node has now: it is older than its input`,
      help: "run it again, then prove it",
    })
  }
  const whole = asked.table === undefined ? own : closureOf(graph, records, [asked.table])
  const isInTable = [...own.records.keys()].every((name) => whole.records.has(name))
  const table = isInTable ? asked.table : undefined
  const { records: all } = isInTable ? whole : own
  const proved = nearestFirst(graph, own, nodes, table, all)

  const files = new Map<string, Uint8Array>()
  const put = (path: string, content: string | Uint8Array) =>
    void files.set(path, typeof content === "string" ? Buffer.from(content) : content)
  const again = yield* makeAgain(asked, put)
  const hashes = leavesOf({ records: all }).map((leaf) => leafHash(leafText(leaf)))
  const placed = new Map([...all.keys()].map((name, index) => [name, index]))
  const actions: Array<Manifest["actions"][number]> = []
  const linked = new Set([...nodes, ...(table === undefined ? [] : [table])])
  for (const [node, record] of proved) {
    put(places.record(record.key), canonical(provedRecord(record)))
    const code = yield* (yield* Store).code(record.preImage.code)
    const text = code === undefined ? undefined : programIn(build, code)
    if (code !== undefined) put(places.code(record.preImage.code), codeText(code))
    if (code !== undefined && text !== undefined) put(places.program(code.program), text)
    const index = placed.get(node) ?? 0
    const declared = graph.nodes.get(node)
    const notAgain = declared === undefined
      ? "no node declares it now"
      : yield* again(declared, record, text, linked.has(node))
    if (declared !== undefined && notAgain === null && linked.has(node)) {
      for (const source of sources(declared)) linked.add(source)
    }
    actions.push({
      node,
      key: record.key,
      notAgain,
      index,
      path: pathTo(index, hashes),
    })
  }
  const signatures = yield* signaturesOf(rootOver(hashes), graph.profile)
  put(places.signatures, JSON.stringify(signatures, null, 2))
  for (const [name, bytes] of modulesFrom(build, "runner.mjs")) put(`run/${name}`, bytes)
  put(places.verify, readFileSync(join(build, "verify.mjs")))
  put(places.readme, readme)

  const sorted = new Map([...files].toSorted(([one], [other]) => (one < other ? -1 : 1)))
  const made = new Set(actions.flatMap(({ node, notAgain }) => (notAgain === null ? [node] : [])))
  const manifest: Manifest = {
    proof: "redag/proof/1",
    profile: graph.profile,
    nodes,
    table: table ?? null,
    numbers: asked.numbers.filter(({ node }) => made.has(node)),
    actions,
    tree: { leaves: hashes.length, root: rootOver(hashes) },
    files: Object.fromEntries([...sorted].map(([path, bytes]) => [path, digestOf(bytes)])),
  }
  const text = `${JSON.stringify(manifest, null, 1)}\n`
  const check = `${digestOf(text)}  ${places.manifest}\n`
  return {
    manifest,
    files: new Map([[places.manifest, Buffer.from(text)], [places.check, Buffer.from(check)], ...sorted]),
    signatures: signatures.length,
  }
})

/** The actions of a proof, those next to what is proved first, and the table of all results last. */
const nearestFirst = (
  graph: Graph,
  { records }: Closure,
  starts: ReadonlyArray<string>,
  table: string | undefined,
  all: ReadonlyMap<string, ActionRecord>,
): ReadonlyMap<string, ActionRecord> => {
  const found = new Map<string, ActionRecord>()
  const queue = [...starts]
  for (const name of queue) {
    const record = records.get(name)
    if (record === undefined || found.has(name)) continue
    found.set(name, record)
    for (const wire of graph.nodes.get(name)?.inputs.values() ?? []) {
      if (wire._tag === "Artifacts") queue.push(...wire.refs.map(({ node }) => node))
    }
  }
  const last = table === undefined ? undefined : all.get(table)
  if (table !== undefined && last !== undefined) found.set(table, last)
  return found
}

const provedRecord = (record: ActionRecord): ProvedRecord => {
  const { key, preImage, node, files, outputs, blobs, counts, started, milliseconds, environment } = record
  return {
    key,
    preImage,
    node,
    files: files.map(({ role, name, digest, size }) => ({ role, name, digest, size })),
    outputs,
    blobs,
    counts,
    started,
    milliseconds,
    versions: environment.versions,
  }
}

/** What the digest of code is made of. */
const codeText = ({ program, packages, sources }: Code): string => canonical({ program, packages, sources })

/** The text of a program, where the build has it. */
const programIn = (build: string, { program }: Code): string | undefined => {
  const file = programFile(build, program)
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, "utf8")
  return digestOf(text) === program ? text : undefined
}

/** Gives the function that puts into a proof what it takes to execute an action again; why not, where it does not. */
const makeAgain = Effect.fnUntraced(
  function*({ root, build }: ToProve, put: (path: string, content: string | Uint8Array) => void) {
    const store = yield* Store
    const has = new Set<string>()
    let bytes = 0
    let milliseconds = 0

    /** A table and its lines; undefined where the store does not have it. */
    const tableOf = Effect.fnUntraced(function*(digest: Digest, row: RowSchema) {
      const found = yield* Effect.option(store.blobPath({ digest, size: 0 }))
      if (found._tag === "None") return undefined
      const content = readFileSync(found.value)
      return yield* Effect.promise(async () => ({ digest, content, lines: await linesIn(content, row) }))
    })

    return Effect.fnUntraced(function*(
      node: Node,
      record: ActionRecord,
      program: string | undefined,
      isLinked: boolean,
    ) {
      const { preImage, outputs } = record
      if (program === undefined) return "its program is not in this build"
      if (Object.values(preImage.inputs).some((input) => input._tag === "Files" && input.files.length > 0)) {
        return "it reads files, which are known by their sha256 alone"
      }
      if (record.blobs.length > 0) return "it makes files, which are known by their sha256 alone"
      const packages = packagesFor(importsIn(program), [build, root])
      if (packages._tag === "Not") return packages.why
      if (!isLinked && milliseconds + record.milliseconds > MOST_MS) {
        return `it took ${record.milliseconds} ms, too long for a quick look`
      }
      const wanted = new Map<Digest, RowSchema>()
      for (const [role, input] of Object.entries(node.stage.inputs)) {
        const given = preImage.inputs[role]
        if (input._tag === "Files" || given?._tag !== "Artifacts") continue
        for (const digest of given.digests) wanted.set(digest, input.row)
      }
      for (const [name, row] of Object.entries(node.stage.outputs)) {
        const digest = outputs[name]?.digest
        if (outputs[name]?.varies === true) return "what it makes is another one each time"
        if (digest !== undefined) wanted.set(digest, row)
      }
      const tables: Array<{ readonly digest: Digest; readonly content: Buffer; readonly lines: string }> = []
      let more = 0
      for (const [digest, row] of wanted) {
        if (has.has(digest)) continue
        const table = yield* tableOf(digest, row)
        if (table === undefined) return "a table of it is not in the store"
        if (table.lines === undefined) return "a table of it has numbers that JSON has not"
        tables.push({ ...table, lines: table.lines })
        more += table.content.length + gzipSync(table.lines).length
        if (bytes + more > MOST_BYTES) return "its tables are too large for the proof"
      }
      bytes += more
      if (!isLinked) milliseconds += record.milliseconds
      for (const { digest, content, lines } of tables) {
        has.add(digest)
        put(places.table(digest), content)
        put(places.rows(digest), lines)
      }
      for (const [path, content] of packages.files) put(path, content)
      return null
    })
  },
)

/** Rows as lines; undefined where JSON cannot hold them. */
const linesIn = async (content: Uint8Array, row: RowSchema): Promise<string | undefined> => {
  const rows = await rowsIn(content, row)
  try {
    return linesOf(rows)
  } catch (thrown) {
    if (thrown instanceof NotCanonical) return undefined
    throw thrown
  }
}

/** The signatures that the store has of a root, as that of a profile. */
const signaturesOf = Effect.fnUntraced(function*(root: Digest, profile: string) {
  const { files } = yield* Store
  const found: Array<{ readonly envelope: Envelope; readonly publicKey: string }> = []
  for (const name of (yield* files.signatures.names).toSorted()) {
    const read = yield* files.signatures.look(name)
    if (read._tag !== "Sound" || read.value.root !== root || read.value.profile !== profile) continue
    const { envelope, publicKey } = read.value
    found.push({ envelope, publicKey })
  }
  return found
})
