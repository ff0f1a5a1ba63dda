import { assert, beforeAll, describe, it } from "@effect/vitest"
import { cut } from "../../pipeline/build/cut.ts"
import { link } from "../../pipeline/build/link.ts"
import type { Declarations, Piece } from "../../pipeline/identity/declarations.ts"
import { type Program, programOf } from "../../pipeline/identity/program.ts"
import { compose } from "../../stages/compose/stage.ts"
import { Format } from "../../stages/ingest/formats.ts"
import { ingest } from "../../stages/ingest/stage.ts"
import { score } from "../../stages/score/stage.ts"
import { type Measure, OfficialEvaluation } from "../../stages/shared/measures/measures.ts"
import { ArchitectureParam, modelOptions } from "../../stages/shared/params/model.ts"
import { repository } from "../rig/project.ts"
import { portionOf } from "./support.ts"

/** The module of each reader. */
const readers: Readonly<Record<Format, string>> = {
  "pubtator": "stages/ingest/pubtator.ts",
  "bioc": "stages/ingest/bioc.ts",
  "chemprot": "stages/ingest/chemprot.ts",
  "ddi-xml": "stages/ingest/ddi-xml.ts",
  "brat": "stages/ingest/brat.ts",
  "dce": "stages/ingest/dce.ts",
}

const matching = { arguments: "ordered", variants: "one", unknown: "wrong" } as const
const measures: ReadonlyArray<Measure> = [
  { by: "strict", matching },
  ...OfficialEvaluation.literals.map((evaluation) => ({ by: "official" as const, evaluation })),
]
const moduleOf = (measure: Measure): string =>
  `stages/shared/measures/${measure.by === "strict" ? "strict" : `official/${measure.evaluation}`}.ts`

let declarations: Declarations

const program = (stage: string, options: Parameters<typeof programOf>[2] = {}): Program =>
  programOf(declarations, stage, options)

/** The program of ingest for a format. */
const programOfFormat = (format: Format): Program =>
  program("ingest", ingest.uses({ format, ...portionOf(format, "train"), lenient: false, published: {} }))

/** The program of score for a measure. */
const programOfMeasure = (measure: Measure): Program => {
  const cell = { model: "m", corpus: "c", setting: "full", seed: null }
  return program("score", score.uses({ cell, partition: "test", protocol: "p", measure, others: "error" }))
}

/** The modules of which a program holds something. */
const modulesOf = ({ parts }: Program): ReadonlySet<string> =>
  new Set(Object.keys(parts()).map((part) => part.slice(0, part.indexOf(": "))))

beforeAll(async () => {
  declarations = cut(await link(repository, repository)).declarations
})

describe("an edit in a reader", () => {
  it.each(Format.literals)("of %s runs the ingest of this format again, and no other", (format) => {
    const modules = modulesOf(programOfFormat(format))
    assert.deepStrictEqual(Object.values(readers).filter((reader) => modules.has(reader)), [readers[format]])
  })

  it.each(
    [
      ["stages/ingest/concepts.ts", ["bioc", "pubtator"]],
      ["stages/ingest/xml.ts", ["bioc", "ddi-xml"]],
    ] as const,
  )("that is shared, %s, runs those of %j", (module, formats) => {
    assert.deepStrictEqual(
      Format.literals.filter((format) => modulesOf(programOfFormat(format)).has(module)),
      [...formats],
    )
  })
})

describe("a new option", () => {
  it("of formats or evaluations is in no program of another one", () => {
    for (const format of Format.literals) {
      const others = Format.literals.filter((one) => one !== format)
      const { text } = programOfFormat(format)
      assert.deepStrictEqual(others.filter((one) => text.includes(JSON.stringify(one))), [], format)
    }
    for (const measure of measures) {
      const others = OfficialEvaluation.literals.filter((one) => measure.by === "strict" || one !== measure.evaluation)
      const { text } = programOfMeasure(measure)
      assert.deepStrictEqual(others.filter((one) => text.includes(one)), [], moduleOf(measure))
    }
  })
})

describe("a new architecture or tokenizer", () => {
  const withNew = (piece: Piece): Piece =>
    typeof piece !== "string" && "choice" in piece && ["architecture", "tokenizer"].includes(piece.choice)
      ? { ...piece, options: { ...piece.options, newest: ["0"] } }
      : piece

  it.each(["finetune", "generate", "pretrained", "ceiling"])("is in no program of %s for another one", (stage) => {
    const extended = {
      ...declarations,
      declarations: declarations.declarations.map((each) => ({ ...each, pieces: each.pieces.map(withNew) })),
    }
    for (const architecture of ArchitectureParam.literals) {
      const options = { ...modelOptions({ architecture, tokenizer: "bpe" }), engine: ["onnxruntime"], source: ["hub"] }
      const { text } = program(stage, options)
      assert.strictEqual(programOf(extended, stage, options).text, text)
      assert.notInclude(text, JSON.stringify(ArchitectureParam.literals))
      assert.notStrictEqual(programOf(extended, stage, {}).text, text)
    }
  })
})

describe("an edit in a measure", () => {
  it.each(measures.map((measure) => [moduleOf(measure), measure] as const))(
    "%s runs the scores by it again, and no other",
    (_, measure) => {
      const modules = modulesOf(programOfMeasure(measure))
      assert.deepStrictEqual(measures.filter((one) => modules.has(moduleOf(one))), [measure])
    },
  )
})

describe("an edit in the patterns of a corpus", () => {
  it.each(["cdr", "dce", "chemprot", "ddi"] as const)("%s composes this corpus again, and no other", (corpus) => {
    const modules = modulesOf(program("compose", compose.uses({ corpus, documents: 1, seed: 0 })))
    assert.deepStrictEqual(
      [...modules].filter((module) => module.startsWith("stages/compose/patterns/")),
      [`stages/compose/patterns/${corpus}.ts`],
    )
  })
})

describe("every stage", () => {
  it("is known by its own statements, and holds nothing of the experiment", () => {
    for (const stage of Object.keys(declarations.stages)) {
      const made = program(stage)
      assert.deepStrictEqual(made.coarse, [], stage)
      assert.deepStrictEqual([...modulesOf(made)].filter((module) => module.startsWith("experiment/")), [], stage)
    }
  })

  it("holds no words of its failures", () => {
    const words = ["the bytes are not UTF-8", "document ids", "was generated twice", "two scores for the seed"]
    for (const stage of ["ingest", "split", "score", "aggregate", "template", "sample", "extract", "compose"]) {
      const { text } = program(stage)
      assert.deepStrictEqual(words.filter((each) => text.includes(each)), [], stage)
    }
  })
})
