import { Effect, Schema } from "effect"
import { InputError } from "redag"
import type { Document } from "../../schemas/documents.ts"
import type { Partition, Split } from "../../schemas/splits.ts"
import { fieldError } from "../ingest/fields.ts"
import { permutation } from "../shared/numpy.ts"
import type { SplitIds } from "./ids.ts"

const Fraction = Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThan(1))

/** How training documents are divided into training and validation. */
export const SplitMethod = Schema.Union([
  /** The corpus's own development portion is the validation set. */
  Schema.Struct({ method: Schema.Literal("official") }),
  /** A seeded fraction of the training portion is the validation set. */
  Schema.Struct({
    method: Schema.Literal("fraction"),
    fraction: Fraction.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.2))),
    seed: Schema.Natural.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  }),
  /** A file lists the ids of both. */
  Schema.Struct({ method: Schema.Literal("ids") }),
])
export type SplitMethod = typeof SplitMethod.Type

/** What splitting needs of a document. */
export type Splittable = Pick<Document, "id" | "portion">

const into = (partition: Partition) => (document: Pick<Document, "id">): Split => ({ document: document.id, partition })

const ofPortion = (documents: ReadonlyArray<Splittable>, portion: Document["portion"]): ReadonlyArray<Splittable> =>
  documents.filter((document) => document.portion === portion)

/** The first ceil(n * fraction) documents of a seeded permutation validate; both parts keep the corpus's order. */
const byFraction = (
  documents: ReadonlyArray<Splittable>,
  { fraction, seed }: { readonly fraction: number; readonly seed: number },
): ReadonlyArray<Split> => {
  const train = ofPortion(documents, "train")
  const validation = new Set(permutation(seed, train.length).slice(0, Math.ceil(train.length * fraction)))
  return [
    ...train.filter((_, index) => !validation.has(index)).map(into("train")),
    ...train.filter((_, index) => validation.has(index)).map(into("validation")),
  ]
}

/** The lists of the file, in their order, checked to name each training document once and no other. */
const byIds = (documents: ReadonlyArray<Splittable>, ids: SplitIds): ReadonlyArray<Split> => {
  const train = ofPortion(documents, "train")
  const left = new Set(train.map((document) => document.id))
  const take = (list: "train" | "valid", partition: Partition): ReadonlyArray<Split> =>
    ids[list].map((id, index) => {
      if (!left.delete(id)) {
        const known = train.some((document) => document.id === id)
        throw fieldError(
          ids.origin,
          [list, index],
          known ? `document "${id}" is listed twice` : `document "${id}" is not in the corpus's training portion`,
        )
      }
      return { document: id, partition }
    })
  const rows = [...take("train", "train"), ...take("valid", "validation")]
  const [missing] = left
  if (missing !== undefined) {
    throw fieldError(
      ids.origin,
      ["train"],
      `${left.size} training document${left.size === 1 ? " is" : "s are"} in neither list, the first "${missing}"`,
    )
  }
  return rows
}

/** Where the file lists test documents and the corpus has them, the two must agree; the file's order does not count. */
const checkTest = (test: ReadonlyArray<Splittable>, ids: SplitIds): void => {
  if (ids.test === undefined || test.length === 0) return
  const corpus = new Set(test.map((document) => document.id))
  const listed = new Set(ids.test)
  const unknown = ids.test.findIndex((id) => !corpus.has(id))
  if (unknown !== -1) {
    throw fieldError(
      ids.origin,
      ["test", unknown],
      `document "${ids.test[unknown]}" is not in the corpus's test portion`,
    )
  }
  const missing = test.find((document) => !listed.has(document.id))
  if (missing !== undefined) throw fieldError(ids.origin, ["test"], `test document "${missing.id}" is not in the list`)
}

/** An id must name one document, whatever portions it may stand in. */
const checkUnique = (documents: ReadonlyArray<Splittable>): void => {
  const portions = new Map<string, string>()
  for (const { id, portion } of documents) {
    const other = portions.get(id)
    if (other !== undefined) {
      throw new InputError({
        message: `document "${id}" is in the portion ${portion} and in the portion ${other}`,
        help: "keep one of the two, or rename one; a model must not be tested on what it learned from",
        field: "document",
      })
    }
    portions.set(id, portion)
  }
}

/** Puts each document of a corpus into training, validation or test; the order of rows is the order of examples. */
export const split = (documents: Iterable<Splittable>, method: SplitMethod, ids?: SplitIds): ReadonlyArray<Split> => {
  const all = [...documents]
  checkUnique(all)
  const test = ofPortion(all, "test")
  const testRows = test.map(into("test"))
  if (method.method === "official") {
    return [
      ...ofPortion(all, "train").map(into("train")),
      ...ofPortion(all, "dev").map(into("validation")),
      ...testRows,
    ]
  }
  const [dev] = ofPortion(all, "dev")
  if (dev !== undefined) {
    throw new InputError({
      message:
        `the corpus has a development portion (document ${dev.id}), which the method "${method.method}" leaves out`,
      help: `use the method "official", or do not ingest the development portion`,
      field: "method",
    })
  }
  if (method.method === "fraction") return [...byFraction(all, method), ...testRows]
  if (ids === undefined) {
    throw new InputError({
      message: `the method "ids" needs a file of document ids`,
      help: `wire the file into the split, or use the method "fraction"`,
      field: "ids",
    })
  }
  checkTest(test, ids)
  return [...byIds(all, ids), ...testRows]
}
