import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import { assert, describe, it } from "@effect/vitest"
import { readTokenizer } from "../../models/reading.ts"
import {
  compare,
  type Comparison,
  corpusStrings,
  dataMissing,
  ownStrings,
  publishedFiles,
  smallFiles,
  smallTables,
  table,
} from "./tables.ts"

const modelTypes: Readonly<Record<string, string>> = {
  "t5": "t5",
  "gpt2": "gpt2",
  "gpt2-few": "gpt2",
  "gpt2-legacy": "gpt_neo",
  "bart": "bart",
  "biogpt": "biogpt",
  "biogpt-fairseq": "biogpt",
  "biogpt-large": "biogpt",
  "unigram-json": "other",
  "bpe-json": "other",
}

const print = (name: string, { strings, ids, decodes }: Comparison): void =>
  console.log(`${name}: ${strings} strings, ids equal ${ids}, decodes equal ${decodes}`)

/** T5's published pieces and normalizer as a SentencePiece model, which the published folder lacks. */
const asSentencePiece = (files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> => {
  const { model: { vocab }, normalizer } = JSON.parse(new TextDecoder().decode(files.get("tokenizer.json"))) as {
    readonly model: { readonly vocab: readonly (readonly [string, number])[] }
    readonly normalizer: { readonly precompiled_charsmap: string }
  }
  const writer = new BinaryWriter()
  vocab.slice(0, 32_000).forEach(([piece, score], index) => {
    writer.tag(1, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.LengthDelimited).string(piece)
    writer.tag(2, WireType.Bit32).float(score)
    writer.tag(3, WireType.Varint).int32(index === 2 ? 2 : index < 2 ? 3 : 1)
    writer.join()
  })
  writer.tag(2, WireType.LengthDelimited).fork().tag(40, WireType.Varint).int32(2).join()
  const charsmap = Buffer.from(normalizer.precompiled_charsmap, "base64")
  writer.tag(3, WireType.LengthDelimited).fork().tag(2, WireType.LengthDelimited).bytes(charsmap).join()
  return new Map(
    [...files].map(([name, bytes]) => name === "tokenizer.json" ? ["spiece.model", writer.finish()] : [name, bytes]),
  )
}

describe("the small tokenizers encode and decode as transformers does", () => {
  for (const [name, expected] of Object.entries(smallTables)) {
    it(name, () => {
      const tokenizer = readTokenizer(smallFiles(name), modelTypes[name] ?? "")
      const comparison = compare(tokenizer, ownStrings, expected)
      print(`small ${name}`, comparison)
      assert.deepStrictEqual(comparison.wrong, [])
    })
  }
})

describe(`the published tokenizers encode and decode as transformers does${dataMissing === undefined ? "" : ` [skipped: ${dataMissing}]`}`, () => {
  const ofCorpora = dataMissing === undefined ? corpusStrings() : []
  const strings = [...ofCorpora, ...ownStrings]

  for (const name of ["t5", "t5-pieces", "gpt2", "bart", "biogpt", "biogpt-large"]) {
    it.skipIf(dataMissing !== undefined)(name, () => {
      const files = name === "t5-pieces" ? asSentencePiece(publishedFiles("t5")) : publishedFiles(name)
      const tokenizer = readTokenizer(files, modelTypes[name] ?? "t5")
      const expected = table(name)
      const { speed, ...natural } = compare(tokenizer, ofCorpora, expected.slice(0, ofCorpora.length))
      console.log(`${name}: ${Math.round(speed / 1000)} thousand tokens of the corpora in a second of processor time`)
      const comparison = compare(tokenizer, strings, expected)
      print(name, comparison)
      assert.deepStrictEqual([...natural.wrong, ...comparison.wrong], [])
    })
  }
})
