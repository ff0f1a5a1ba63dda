import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { InputError } from "../../../pipeline/base/errors.ts"
import type { StageFailure } from "../../../pipeline/graph/stage.ts"
import type { Document } from "../../../schemas/documents.ts"
import { linesOf } from "../../../stages/predictions/lines.ts"
import { Problems } from "../../../stages/predictions/problems.ts"
import { documentOf } from "../../experiment/departures/support.ts"
import { readPredictions } from "./support.ts"

const lead: Document = {
  ...documentOf("[Lead] gives [a rash] and \u{1F480} [pain]; [lead ions] too.", [["CID", "D1", "D2"]], [
    "D1",
    "D2",
    "D3",
    "D1",
  ]),
  id: "1",
}
const silent: Document = { ...documentOf("[Salt] is fine.", [], ["D9"]), id: "2" }
const documents = [lead, silent]

const lines = (...rows: ReadonlyArray<unknown>): string =>
  rows.map((row) => `${typeof row === "string" ? row : JSON.stringify(row)}\n`).join("")
const cid = (...names: ReadonlyArray<unknown>) => ({ label: "CID", arguments: names })
const failure = (content: string | Uint8Array): Effect.Effect<InputError, unknown> =>
  Effect.flip(readPredictions("cdr", documents, content)).pipe(
    Effect.flatMap((error: StageFailure | { readonly relations: unknown }) =>
      error instanceof InputError ? Effect.succeed(error) : Effect.die(error)
    ),
  )

describe("a file of predictions", () => {
  it.effect("holds texts, which the template's extraction reads", () =>
    Effect.gen(function*() {
      const { relations, handedIn, counts } = yield* readPredictions(
        "cdr",
        documents,
        lines(
          { document: 1, text: "The relation between Lead and a rash exists; nonsense." },
          { document: "2", text: "." },
        ),
      )
      assert.deepStrictEqual(relations.map((row) => row.relations), [
        [{ label: "CID", arguments: ["Lead", "a rash"] }],
        [],
      ])
      assert.deepStrictEqual(relations[0]?.malformed, ["nonsense"])
      assert.isTrue(handedIn.every(({ given, numbered }) => given && !numbered))
      assert.deepStrictEqual([counts["relations"], counts["malformed"], counts["missing"]], [1, 1, 0])
    }))

  it.effect("holds relations of strings, of ids, and of places that are counted in characters", () =>
    Effect.gen(function*() {
      const places = lead.mentions.map(({ spans: [span = { start: 0, end: 0 }] }) => {
        // The skull is one character, and two of JavaScript's.
        const before = Array.from(lead.text.slice(0, span.start)).length
        return { start: before, end: before + span.end - span.start }
      })
      for (const stated of [cid("lead ions", "pain"), cid({ id: "D1" }, { id: "D3" }), cid(places[3], places[2])]) {
        const { relations, handedIn } = yield* readPredictions(
          "cdr",
          documents,
          lines({ document: "1", relations: [stated] }, { document: "2", relations: [] }),
        )
        // A concept is named by the longest of its names, as the template does.
        assert.deepStrictEqual(relations[0]?.relations, [{ label: "CID", arguments: ["lead ions", "pain"] }])
        const isNumbered = typeof stated.arguments[0] !== "string"
        assert.deepStrictEqual(handedIn[0], {
          document: "1",
          given: true,
          numbered: isNumbered,
          annotations: isNumbered ? [{ label: "CID", arguments: ["D1", "D3"] }] : [],
        })
      }
    }))

  it.effect("counts what it lacks, what is of no test document, and what it says twice, and names them", () =>
    Effect.gen(function*() {
      const { relations, handedIn, counts, warnings } = yield* readPredictions(
        "cdr",
        documents,
        lines({ document: "1", relations: [cid("Lead", "pain"), cid("Lead", "pain")] }, { document: "7", text: "x" }),
      )
      assert.strictEqual(relations[0]?.relations.length, 1)
      assert.deepStrictEqual(relations[1], {
        document: "2",
        relations: [],
        malformed: [],
        finished: true,
        sourceTruncated: false,
      })
      assert.deepStrictEqual(handedIn.map(({ given }) => given), [true, false])
      assert.deepStrictEqual([counts["documents"], counts["missing"], counts["unknown"]], [1, 1, 1])
      assert.deepStrictEqual(warnings, [
        "mine.txt has nothing of 1 of 2 test documents, which count as documents without a relation: 2",
        "mine.txt has 1 document that the test set has not, and that is left out: 7",
        "mine.txt has 1 relation twice in a document, counted once",
      ])
    }))

  it.effect("keeps two relations of ids that read alike", () =>
    Effect.gen(function*() {
      const twins = {
        ...documentOf("[Lead] gives [pain].", [["CID", "D1", "D2"], ["CID", "D1", "D3"]], ["D1", "D2"]),
        id: "1",
      }
      const [first, pain] = twins.mentions
      const mentions = [first, pain].flatMap((mention) => mention ?? [])
      const both = mentions.map((mention, index) => index === 0 ? mention : { ...mention, concepts: ["D2", "D3"] })
      const { relations, handedIn } = yield* readPredictions(
        "cdr",
        [{ ...twins, mentions: both }],
        lines({ document: "1", relations: [cid({ id: "D1" }, { id: "D2" }), cid({ id: "D1" }, { id: "D3" })] }),
      )
      assert.strictEqual(relations[0]?.relations.length, 2)
      assert.strictEqual(handedIn[0]?.annotations.length, 2)
    }))

  it.effect("reads a file with a byte-order mark, CR LF, blank lines and no last break", () =>
    Effect.gen(function*() {
      const { relations } = yield* readPredictions(
        "cdr",
        documents,
        `\uFEFF${
          JSON.stringify({ document: "1", relations: [cid("Lead", "pain")] })
        }\r\n\r\n{"document":"2","text":""}`,
      )
      assert.deepStrictEqual(relations.map((row) => row.relations.length), [1, 0])
    }))
})

describe("bad lines", () => {
  it.effect("are told by their numbers, all at once, with what is wrong in each", () =>
    Effect.gen(function*() {
      const { message, file, line } = yield* failure(lines(
        { document: "1", text: "." },
        "{\"document\": ",
        "[1]",
        { document: "1", text: "again" },
        { document: "2" },
        { document: "3", text: "", relations: [] },
        { document: "4", relations: [{ label: "CID", arguments: ["a", ""] }] },
      ))
      assert.deepStrictEqual([file, line], ["mine.txt", 2])
      assert.match(message, /^the line is not JSON/u)
      assert.include(message, "5 more problems:")
      assert.include(message, "mine.txt:3: the line is no JSON object")
      assert.include(message, "mine.txt:4: document 1 is there twice, first in line 1")
      assert.include(message, "mine.txt:5: document 2 has neither \"text\" nor \"relations\"")
      assert.include(message, "mine.txt:6: document 3 has both \"text\" and \"relations\"")
      assert.include(message, "mine.txt:7 relations[0].arguments[1]: ")
    }))

  it.effect("are the first twenty of many, and a count", () =>
    Effect.gen(function*() {
      const { message } = yield* failure(lines({ document: "1", text: "." }, ...Array.from({ length: 50 }, () => "{}")))
      assert.include(message, "49 more problems, the first 19 of them:")
      assert.strictEqual(message.split("\n").length, 21)
    }))

  it.effect("are in the order of lines, whatever is found when, and each once", () =>
    Effect.gen(function*() {
      const cdi = { label: "CDI", arguments: ["a", "b"] }
      const { message, line, field } = yield* failure(lines(
        { document: "1", relations: [cdi, cid("a", "b"), cdi] },
        {
          document: "2",
          relations: [cid({ id: "D9" }, { start: 500, end: 600 }), cid({ id: "D9" }, { start: 500, end: 600 })],
        },
        ...Array.from({ length: 30 }, (_, index) => ({ document: `${index + 3}` })),
      ))
      assert.deepStrictEqual([line, field], [1, "relations[0].label"])
      assert.include(message, "32 more problems, the first 19 of them:")
      const places = message.split("\n").slice(2).map((row) => /^ *mine\.txt:(\d+(?: \S+)?):/u.exec(row)?.[1])
      assert.deepStrictEqual(places.slice(0, 3), ["1 relations[2].label", "2", "3"])
      assert.strictEqual(places.at(-1), "19")
    }))

  it.effect("may be about labels, arguments, ids and places", () =>
    Effect.gen(function*() {
      const { message } = yield* failure(lines(
        { document: "2", relations: [{ label: "CDI", arguments: ["a", "b"] }, cid("a"), cid("a", { id: "D9" })] },
        { document: "1", relations: [cid({ start: 0, end: 4 }, { start: 30, end: 400 })] },
      ))
      for (
        const words of [
          "\"CDI\" is none of the labels: CID",
          "a relation of this corpus has two arguments, not 1",
          "is no place of the document",
        ]
      ) assert.include(message, words)
      const mixed = yield* failure(lines(
        { document: "2", relations: [cid("a", "b"), cid({ id: "D9" }, { id: "D9" })] },
      ))
      assert.include(mixed.message, "document 2 has arguments that are strings, and others that are ids or places")
    }))

  it.effect("have a place that two entities have: their ids are asked for, unless both are the same concept", () =>
    Effect.gen(function*() {
      const [salt] = silent.mentions
      const read = (...others: ReadonlyArray<Partial<Document["mentions"][number]>>) => {
        const mentions = salt === undefined ? [] : [salt, ...others.map((other) => ({ ...salt, ...other }))]
        return readPredictions(
          "cdr",
          [lead, { ...silent, mentions }],
          lines({ document: "2", relations: [cid({ start: 0, end: 4 }, { start: 8, end: 12 })] }),
        )
      }
      const same = yield* read({ id: "again" })
      assert.deepStrictEqual(same.handedIn[1]?.annotations, [{ label: "CID", arguments: ["D9", "?fine"] }])
      for (const [concepts, words] of [[["D7"], "D7"], [[], "no id"]] as const) {
        const error = yield* Effect.flip(read({ id: "other", concepts, type: "Other" }))
        if (!(error instanceof InputError)) return yield* Effect.die(error)
        assert.strictEqual(error.line, 1)
        assert.include(error.message, `0 to 4 of document 2 is 2 entities: D9 (${salt?.type}), ${words} (Other)`)
        assert.include(error.help, "give the id of the one that is meant")
      }
    }))

  it.effect("are those of a document of DDI that both of its names call", () =>
    Effect.gen(function*() {
      const [salt] = silent.mentions
      const mentions = salt === undefined ? [] : [{ ...salt, id: "DDI-DrugBank.d1.s0.e0" }]
      const read = (...names: ReadonlyArray<string>) =>
        readPredictions(
          "ddi",
          [{ ...silent, id: "Salt_ddi", mentions }],
          lines(...names.map((document) => ({ document, relations: [] }))),
        )
      for (const name of ["Salt_ddi", "DDI-DrugBank.d1"]) assert.isTrue((yield* read(name)).handedIn[0]?.given, name)
      const error = yield* Effect.flip(read("DDI-DrugBank.d1", "Salt_ddi"))
      if (!(error instanceof InputError)) return yield* Effect.die(error)
      assert.strictEqual(error.line, 2)
      assert.include(
        error.message,
        "document Salt_ddi is there twice, as DDI-DrugBank.d1 in line 1 and as Salt_ddi",
      )
    }))

  it.effect("are a JSON array, which is no object of a line", () =>
    Effect.gen(function*() {
      const { message, help, line } = yield* failure("[{\"document\": \"1\", \"text\": \".\"}]\n")
      assert.strictEqual(line, 1)
      assert.include(message, "JSON array")
      assert.include(help, "one object a line")
    }))

  it.effect("are halves of characters, wherever a line has one", () =>
    Effect.gen(function*() {
      for (
        const line of [
          { document: "1", text: "a \ud800 b" },
          { document: "1", relations: [cid("\udc00", "b")] },
          { document: "1", relations: [cid({ id: "\ud83d" }, { id: "D1" })] },
          { document: "1", relations: [{ label: "\ud83d", arguments: [] }] },
        ]
      ) {
        const error = yield* failure(lines({ document: "2", text: "\ud83d\ude00" }, line))
        assert.deepInclude(error, { file: "mine.txt", line: 2 })
        assert.include(error.message, "document 1 has half of a character")
      }
    }))

  it("are longer than a document is, and told by their numbers", () => {
    const folder = mkdtempSync(join(tmpdir(), "redag-predictions-"))
    const path = join(folder, "mine.jsonl")
    writeFileSync(path, "{}\n123456789\n12345678\n")
    const problems = new Problems("mine.jsonl")
    const lines = linesOf({ name: "mine.jsonl", path, size: 22, digest: digestOf("") }, problems, 8)
    rmSync(folder, { recursive: true })
    assert.deepStrictEqual(lines.map(({ number }) => number), [1, 3])
    assert.throws(() => problems.check(), /the line has more than 8 bytes/u)
  })

  it.effect("are what is not UTF-8, a file of nothing, and one of another corpus", () =>
    Effect.gen(function*() {
      const broken = yield* failure(new Uint8Array([123, 125, 10, 255, 10]))
      assert.include(broken.message, "not UTF-8")
      assert.include((yield* failure("\n")).message, "has no line")
      const other = yield* failure(lines({ document: "8", text: "" }, { document: "9", text: "" }))
      assert.include(other.message, "none of its 2 documents, such as 8, 9, is of the test set of CDR")
    }))
})
