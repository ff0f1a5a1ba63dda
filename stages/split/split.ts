import { Effect, Schema } from "effect"
import { InputError } from "redag"
import type { Document } from "../../schemas/documents.ts"
import type { Partition, Split } from "../../schemas/splits.ts"
import { namedExamples } from "../../schemas/warnings.ts"
import { fieldError } from "../shared/fields.ts"
import { permutation } from "../shared/numpy.ts"
import type { SplitIds } from "./ids.ts"
import * as messages from "./messages.ts"

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
        throw fieldError(ids.file, [list, index], known ? messages.listedTwice(id) : messages.notInTraining(id))
      }
      return { document: id, partition }
    })
  const rows = [...take("train", "train"), ...take("valid", "validation")]
  const [missing] = left
  if (missing !== undefined) {
    throw fieldError(ids.file, ["train"], messages.trainingNotListed(left.size, missing))
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
    throw fieldError(ids.file, ["test", unknown], messages.notInTest(ids.test[unknown] ?? ""))
  }
  const missing = test.find((document) => !listed.has(document.id))
  if (missing !== undefined) throw fieldError(ids.file, ["test"], messages.testNotListed(missing.id))
}

/** An id must name one document, whatever portions it may stand in. */
const checkUnique = (documents: ReadonlyArray<Splittable>): void => {
  const portions = new Map<string, string>()
  const repeated: Array<readonly [id: string, portion: string, other: string]> = []
  for (const { id, portion } of documents) {
    const other = portions.get(id)
    if (other === undefined) portions.set(id, portion)
    else repeated.push([id, portion, other])
  }
  const [first, ...others] = repeated
  if (first === undefined) return
  const { message, help } = messages.repeatedId
  const more = messages.moreRepeated(others.slice(0, namedExamples - 1).map(([id]) => id), others.length)
  throw new InputError({ message: message(...first) + more, help, field: "document" })
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
    const { message, help } = messages.developmentLeftOut
    throw new InputError({ message: message(dev.id, method.method), help, field: "method" })
  }
  if (method.method === "fraction") return [...byFraction(all, method), ...testRows]
  if (ids === undefined) {
    throw new InputError({ ...messages.idsMissing, field: "ids" })
  }
  checkTest(test, ids)
  return [...byIds(all, ids), ...testRows]
}
