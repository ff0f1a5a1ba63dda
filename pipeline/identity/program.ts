import { type Digest, digestOf } from "../base/digest.ts"
import type { Declaration, Declarations, Piece } from "./declarations.ts"
import { namedBy, type Options, reachedFrom, taken } from "./order.ts"

/** The code of a node: what is reached from its stage's declaration with the options that its params take. */
export interface Program {
  /**
   * A module whose default export links the program with its host: it takes `{ effect, redag }` and gives the stage.
   *
   * Top-level names, local names and the order of declarations are canonical, so that two projects with this text differ
   * in nothing that can be computed.
   */
  readonly text: string
  /** The sha256 of the text. */
  readonly digest: Digest
  /** Of every line of the text, the declaration that it is of and its line in the linked text; undefined for the frame. */
  readonly lines: () => ReadonlyArray<
    { readonly module: string; readonly name: string; readonly line: number } | undefined
  >
  /** A digest of each declaration by itself, by "module: name"; for saying what changed. */
  readonly parts: () => Readonly<Record<string, string>>
  /** The packages and modules of Node that it imports. */
  readonly imports: ReadonlyArray<string>
  /** Where it holds something that makes its identity coarser than its text. */
  readonly coarse: ReadonlyArray<{ readonly file: string; readonly line: number; readonly why: string }>
}

/** The modules that a program's host gives it; everything else it imports by itself. */
export const isHosted = (specifier: string): boolean =>
  specifier === "redag" || specifier === "effect" || specifier.startsWith("effect/")

/** Cuts the program of a stage out of the declarations of all stages. */
export const programOf = (all: Declarations, stage: string, options: Options): Program => {
  const root = all.stages[stage]
  if (root === undefined) throw new Error(`there is no stage ${stage}`)
  const declarations = reachedFrom(all, root, options)
  const name = namesOf(all, options, declarations)

  const imports = new Map<string, Array<string>>()
  const attributes = new Map<string, string>()
  for (const [symbol, local] of name) {
    const meaning = all.symbols[symbol]
    if (meaning?._tag !== "Imported") continue
    const clause = clauseOf(meaning.name, local, isHosted(meaning.from))
    imports.set(meaning.from, [...(imports.get(meaning.from) ?? []), clause])
    attributes.set(meaning.from, meaning.attributes ?? "")
  }
  const head = [
    ...all.effects.map((from) => `import ${JSON.stringify(from)}`),
    ...[...imports].filter(([from]) => !isHosted(from)).flatMap(([from, clauses]) =>
      // A default, a namespace and names cannot always stand in one clause.
      clauses.map((clause) => `import ${clause} from ${JSON.stringify(from)}${attributes.get(from)}`)
    ),
    "export default async (host) => {",
    ...[...imports].filter(([from]) => isHosted(from)).flatMap(([from, clauses]) =>
      clauses.map((clause) => `const ${clause} = host[${JSON.stringify(from)}]`)
    ),
  ]
  const print = printer(options, (symbol) => name.get(symbol) ?? missing(symbol))
  const body = declarations.map(({ pieces }) => print(pieces))
  const text = [...head, ...body, `return ${name.get(root) ?? missing(root)}`, "}", ""].join("\n")
  return {
    text,
    digest: digestOf(text),
    lines: () => [
      ...head.map(() => undefined),
      ...declarations.flatMap(({ module, names, line }, index) =>
        (body[index] ?? "").split("\n").map((_, at) => ({ module, name: names.join(", "), line: line + at }))
      ),
    ],
    parts: () => {
      const printOriginal = printer(options, (symbol) => originalName(all, symbol))
      return Object.fromEntries(declarations.map(({ module, names, pieces }) => [
        `${module}: ${names.join(", ")}`,
        digestOf(printOriginal(pieces)).slice(0, 16),
      ]))
    },
    imports: [...new Set([...all.effects, ...imports.keys(), ...declarations.flatMap(({ loads }) => loads)])],
    coarse: declarations.flatMap(({ module: file, coarse }) => coarse.map(({ line, why }) => ({ file, line, why }))),
  }
}

/** The canonical name of every symbol that declarations name: their own in their order, those of packages by name. */
const namesOf = (
  all: Declarations,
  options: Options,
  declarations: ReadonlyArray<Declaration>,
): ReadonlyMap<number, string> => {
  const names = new Map<number, string>()
  for (const { symbols } of declarations) for (const symbol of symbols) names.set(symbol, `$${names.size}`)
  const imported = new Map<number, string>()
  for (const declaration of declarations) {
    for (const symbol of namedBy(all, declaration, options).all) {
      const meaning = all.symbols[symbol]
      if (meaning?._tag === "Imported") imported.set(symbol, JSON.stringify([meaning.from, meaning.name]))
    }
  }
  const sorted = [...imported].sort(([, one], [, other]) => (one < other ? -1 : 1))
  for (const [index, [symbol]] of sorted.entries()) names.set(symbol, `$$${index}`)
  return names
}

const clauseOf = (name: string, local: string, hosted: boolean): string =>
  name === "*"
    ? hosted ? local : `* as ${local}`
    : name === "default" && !hosted
    ? local
    : `{ ${name}${hosted ? ":" : " as"} ${local} }`

const printer = (options: Options, nameOf: (symbol: number) => string) => {
  const print = (pieces: ReadonlyArray<Piece>): string => {
    let text = ""
    for (const piece of pieces) {
      if (typeof piece === "string") text += piece
      else if ("symbol" in piece) text += nameOf(piece.symbol)
      else {text += `{${
          taken(piece, options).map(([option, inner]) => `${JSON.stringify(option)}: ${print(inner)}`).join(", ")
        }}`}
    }
    return text
  }
  return print
}

/** A symbol as its source names it, whichever number it has. */
const originalName = ({ symbols, declarations }: Declarations, symbol: number): string => {
  const meaning = symbols[symbol]
  if (meaning?._tag === "Imported") return `${meaning.name}@${meaning.from}`
  const declaration = meaning === undefined ? undefined : declarations[meaning.declaration]
  return declaration?.names[declaration.symbols.indexOf(symbol)] ?? missing(symbol)
}

const missing = (symbol: number): never => {
  throw new Error(`symbol ${symbol} has no name`)
}
