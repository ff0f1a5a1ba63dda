import type { Declaration, Declarations, Piece } from "./declarations.ts"

/** By the name of a choice, the options that a node takes of it; a choice that is not named is taken whole. */
export type Options = Readonly<Record<string, ReadonlyArray<string>>>

/** The symbols that a declaration names: all of them, and those that are read when it is evaluated. */
export interface Named {
  readonly all: ReadonlyArray<number>
  readonly evaluated: ReadonlyArray<number>
}

/** What declarations name whatever the options, which is so for all but those that hold a choice: worked out once. */
const known = new WeakMap<Declarations, Map<Declaration, Named>>()

/** What a declaration names, each symbol once, in the order of its text. */
export const namedBy = (declarations: Declarations, declaration: Declaration, options: Options): Named => {
  const before = known.get(declarations) ?? new Map<Declaration, Named>()
  known.set(declarations, before)
  const found = before.get(declaration)
  if (found !== undefined) return found
  const { pieces, hoisted, calls } = declaration
  const all = [...new Set(symbolsOf(pieces, options, true))]
  // A function is there before anything is evaluated; what calls none reads only what stands outside of functions.
  const evaluated = hoisted ? [] : calls ? all : [...new Set(symbolsOf(pieces, options, false))]
  const named = { all, evaluated }
  if (!pieces.some((piece) => typeof piece !== "string" && "choice" in piece)) before.set(declaration, named)
  return named
}

const symbolsOf = (pieces: ReadonlyArray<Piece>, options: Options, deferred: boolean): ReadonlyArray<number> =>
  pieces.flatMap((piece) => {
    if (typeof piece === "string") return []
    if ("symbol" in piece) return deferred || piece.deferred !== true ? [piece.symbol] : []
    return deferred ? taken(piece, options).flatMap(([, inner]) => symbolsOf(inner, options, true)) : []
  })

/** The options of a choice that a program takes, by name. */
export const taken = (
  { choice, options: all }: Extract<Piece, { readonly choice: string }>,
  options: Options,
): ReadonlyArray<readonly [option: string, pieces: ReadonlyArray<Piece>]> => {
  const wanted = options[choice]
  return Object.entries(all)
    .filter(([option]) => wanted === undefined || wanted.includes(option))
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

/**
 * The declarations that are reached from a symbol, in the order in which a program evaluates them.
 *
 * A declaration comes after all that its evaluation may read; which of two that do not read each other comes first
 * follows from where they are first named, not from where they are written. Where two may read each other the order of
 * the source decides.
 */
export const reachedFrom = (declarations: Declarations, symbol: number, options: Options): ReadonlyArray<Declaration> =>
  new Order(declarations, options).from(symbol)

/**
 * Tarjan's algorithm for strongly connected components. Each declaration is two steps: evaluating it (an even number)
 * and then running the functions that it holds (odd).
 */
class Order {
  readonly #declarations: Declarations
  readonly #options: Options
  /** By step, when it was discovered, counted from 1, and the first that it leads back to; 0 before that. */
  readonly #found: Int32Array
  readonly #lowest: Int32Array
  /** By step, 1 while it is on the stack. */
  readonly #open: Uint8Array
  readonly #stack: Array<number> = []
  readonly #order: Array<number> = []
  #count = 0

  constructor(declarations: Declarations, options: Options) {
    this.#declarations = declarations
    this.#options = options
    const steps = 2 * declarations.declarations.length
    this.#found = new Int32Array(steps)
    this.#lowest = new Int32Array(steps)
    this.#open = new Uint8Array(steps)
  }

  from(symbol: number): ReadonlyArray<Declaration> {
    this.#visitAll([symbol])
    return this.#order.map((index) => this.#declaration(index))
  }

  #declaration(index: number): Declaration {
    const declaration = this.#declarations.declarations[index]
    if (declaration === undefined) throw new Error(`there is no declaration ${index}`)
    return declaration
  }

  /** Visits both steps of each declared symbol but the own ones, which stand in a declaration's text too; gives the first step on the stack that they lead back to. */
  #visitAll(symbols: ReadonlyArray<number>, own?: number): number {
    let lowest = Infinity
    for (const symbol of symbols) {
      const meaning = this.#declarations.symbols[symbol]
      if (meaning?._tag !== "Declared" || meaning.declaration === own) continue
      const step = 2 * meaning.declaration
      lowest = Math.min(lowest, this.#visit(step), this.#visit(step + 1))
    }
    return lowest
  }

  #visit(step: number): number {
    if (this.#found[step] === 0) this.#discover(step)
    return this.#open[step] === 1 ? this.#lowest[step] ?? Infinity : Infinity
  }

  #discover(step: number): void {
    const found = ++this.#count
    this.#found[step] = found
    this.#lowest[step] = found
    this.#stack.push(step)
    this.#open[step] = 1
    const { all, evaluated } = namedBy(this.#declarations, this.#declaration(step >> 1), this.#options)
    const lowest = Math.min(found, this.#visitAll(step % 2 === 1 ? all : evaluated, step >> 1))
    this.#lowest[step] = lowest
    if (lowest < found) return
    const circle = this.#stack.splice(this.#stack.lastIndexOf(step))
    for (const each of circle) this.#open[each] = 0
    const evaluations = circle.filter((each) => each % 2 === 0).map((each) => each >> 1)
    this.#order.push(...evaluations.sort((one, other) => one - other))
  }
}
