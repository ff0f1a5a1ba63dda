import { Effect, Logger, Schema, Stream } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { canonical } from "../../base/canonical.ts"
import { type Digest, digestOf } from "../../base/digest.ts"
import type { RunnableStage } from "../../graph/node.ts"
import {
  type AnyInputValue,
  Blobs,
  Progress,
  Replies,
  type RowSchema,
  type Table,
  Unfinished,
} from "../../graph/stage.ts"
import { columnsDigest } from "../../identity/fingerprint.ts"
import { completeOldNode } from "./old-node.ts"
import { Manifest, places, ProvedRecord } from "./proof.ts"
import { linesOf, rowsIn, tableOf } from "./rows.ts"

/** One thing that was looked at, and what is wrong with it; the verifier prints them. */
interface Looked {
  readonly what: "columns" | "rows" | "output" | "failed"
  readonly node: string
  readonly name: string
  /** Null where it is right. */
  readonly problem: string | null
}

/** What programs take of effect and redag. */
type Given = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * Executes the programs of an unpacked proof on the tables in it, and writes a line of JSON for each thing that it
 * compares. It runs in a process that may read the folder of the proof alone, and write nothing.
 */
export const runProof = async (given: Given, folder: string): Promise<void> => {
  completeOldNode()
  const manifest = decoded(Manifest, join(folder, places.manifest))
  const read = reader(folder)
  for (const { node, key, notAgain } of manifest.actions) {
    if (notAgain !== null) continue
    const record = decoded(ProvedRecord, join(folder, places.record(key)))
    try {
      for (const looked of await again(given, folder, record, read)) say(looked)
    } catch (thrown) {
      say({ what: "failed", node, name: "all", problem: `cannot be made again: ${String(thrown)}` })
    }
  }
}

const decoded = <A, I>(schema: Schema.Codec<A, I>, file: string): A =>
  Schema.decodeUnknownSync(Schema.fromJsonString(schema))(readFileSync(file, "utf8"))

const say = (looked: Looked): void => void process.stdout.write(`${JSON.stringify(looked)}\n`)

/** The rows of a table, and whether the lines beside it are those. */
interface ReadTable {
  readonly rows: ReadonlyArray<object>
  readonly isSame: boolean
}

/** Reads tables, each once: several actions take the same documents. */
const reader = (folder: string) => {
  const known = new Map<string, Promise<ReadTable>>()
  const readNow = async (digest: Digest, row: RowSchema): Promise<ReadTable> => {
    const raw = await rowsIn(readFileSync(join(folder, places.table(digest))), row)
    const isSame = readFileSync(join(folder, places.rows(digest)), "utf8") === linesOf(raw)
    return { rows: Schema.decodeUnknownSync(Schema.Array(row))(raw), isSame }
  }
  return (digest: Digest, row: RowSchema): Promise<ReadTable> => {
    const key = `${digest} ${columnsDigest(row)}`
    const table = known.get(key) ?? readNow(digest, row)
    known.set(key, table)
    return table
  }
}

/** Executes one action again. */
const again = async (
  given: Given,
  folder: string,
  record: ProvedRecord,
  read: ReturnType<typeof reader>,
): Promise<ReadonlyArray<Looked>> => {
  const { node, preImage, outputs } = record
  const looked: Array<Looked> = []
  const look = (what: Looked["what"], name: string, problem: string | null) =>
    void looked.push({ what, node, name, problem })
  const stage = await stageOf(given, folder, record)

  const table = async (digest: Digest, row: RowSchema, name: string) => {
    const { rows, isSame } = await read(digest, row)
    look("rows", name, isSame ? null : "the lines for people are not the rows of the table")
    return rows
  }

  const inputs: Record<string, AnyInputValue> = {}
  for (const [role, input] of Object.entries(stage.inputs)) {
    const resolved = preImage.inputs[role]
    if (input._tag === "Files" || resolved?._tag === "Files") {
      // A role for files may have none, as that of published ids of a split that chance makes.
      if (input._tag !== resolved?._tag || resolved.files.length > 0) throw new Error("it reads files")
      inputs[role] = []
      continue
    }
    const tables: Array<Table<object>> = []
    for (const digest of resolved?.digests ?? []) {
      tables.push({ digest, rows: Effect.succeed(await table(digest, input.row, role)) })
    }
    const [first] = tables
    if (input._tag !== "One") inputs[role] = tables
    else if (first !== undefined) inputs[role] = first
  }
  const made = await execute(stage, preImage.params, inputs)
  for (const [name, row] of Object.entries(stage.outputs)) {
    const output = outputs[name]
    if (output === undefined) throw new Error(`its record has no output ${name}`)
    const isSame = preImage.outputs[name] === columnsDigest(row)
    look("columns", name, isSame ? null : "the program has other columns than the key says")
    await table(output.digest, row, name)
    const encode = Schema.encodeUnknownSync(row)
    const bytes = await tableOf(row, (made[name] ?? []).map((each) => encode(each)))
    look(
      "output",
      name,
      digestOf(bytes) === output.digest ? null : "the program makes another table than the record says",
    )
  }
  return looked
}

/** The stage that a program holds. */
const stageOf = async (
  given: Given,
  folder: string,
  { preImage }: Pick<ProvedRecord, "preImage">,
): Promise<RunnableStage> => {
  const code: unknown = JSON.parse(readFileSync(join(folder, places.code(preImage.code)), "utf8"))
  const { program } = Schema.decodeUnknownSync(Schema.Struct({ program: Schema.String }))(code)
  const { default: link } = await import(pathToFileURL(join(folder, `programs/${program}.mjs`)).href) as {
    readonly default: (host: object) => Promise<unknown>
  }
  const linked = await link({
    ...given,
    importFrom: () => Promise.reject(new Error("it loads a module while it runs")),
  })
  const found = [linked, ...(typeof linked === "object" && linked !== null ? Object.values(linked) : [])]
    .find((each): each is RunnableStage =>
      typeof each === "object" && each !== null && "name" in each && each.name === preImage.stage && "run" in each
    )
  if (found === undefined) throw new Error(`its program holds no stage ${preImage.stage}`)
  return found
}

/** A stage that is executed so keeps nothing and asks nobody: one that does not only take tables and make some fails. */
const nowhere = Effect.die("it needs more than tables: files, a saved state or a service")

/** What a stage makes. */
const execute = async (
  stage: RunnableStage,
  params: unknown,
  inputs: Readonly<Record<string, AnyInputValue>>,
): Promise<Readonly<Record<string, ReadonlyArray<unknown>>>> => {
  const running = Effect.suspend(() =>
    stage.run({
      params: Schema.decodeUnknownSync(stage.params)(JSON.parse(canonical(params))),
      inputs,
    })
  ).pipe(
    Effect.flatMap((results) =>
      Effect.forEach(Object.entries(results), ([name, rows]) =>
        Effect.map(
          Stream.isStream(rows) ? Stream.runCollect(rows) : Effect.succeed(rows),
          (all): readonly [string, ReadonlyArray<unknown>] => [name, all],
        ))
    ),
    Effect.provideService(Progress, {
      advance: () => Effect.void,
      made: () => Effect.void,
      count: () => Effect.void,
      warn: () => Effect.void,
    }),
    Effect.provideService(Blobs, { put: () => nowhere, putFile: () => nowhere, path: () => nowhere }),
    Effect.provideService(Replies, { find: () => nowhere, keep: () => nowhere, turn: () => nowhere }),
    Effect.provideService(Unfinished, {
      restore: nowhere,
      save: () => nowhere,
      isWhole: () => nowhere,
      interval: nowhere,
    }),
    Effect.provideService(Logger.CurrentLoggers, new Set()),
  )
  return Object.fromEntries(await Effect.runPromise(running))
}
