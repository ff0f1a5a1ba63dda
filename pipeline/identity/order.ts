import type { Declaration, Declarations, Piece } from "./declarations.ts"

/** By the name of a choice, the options that a node takes of it; a choice that is not named is taken whole. */
export type Options = Readonly<Record<string, ReadonlyArray<string>>>

/** The declarations of a program in the order in which it evaluates them. */
export class Order {
  readonly #all: Declarations
  readonly #options: Options
  /** Tarjan's algorithm: the order of discovery, the lowest reached, and what is on the stack. */
  readonly #found = new Map<number, number>()
  readonly #lowest = new Map<number, number>()
  readonly #stack: Array<number> = []
  readonly #open = new Set<number>()
  readonly #order: Array<number> = []

  constructor(all: Declarations, options: Options) {
    this.#all = all
    this.#options = options
  }

  /**
   * What is reached from a symbol. A declaration comes after all that its evaluation may read; which of two that do not
   * read each other comes first follows from where they are first named, not from where they are written. Where two may
   * read each other the order of the source decides.
   */
  from(symbol: number): ReadonlyArray<Declaration> {
    for (const step of this.#steps([symbol])) this.#visit(step)
    return this.#order.map((index) => this.#declaration(index))
  }

  #declaration(index: number): Declaration {
    const declaration = this.#all.declarations[index]
    if (declaration === undefined) throw new Error(`there is no declaration ${index}`)
    return declaration
  }

  /** Of each declaration that is named: evaluating it (an even number), and then running what it holds (odd). */
  #steps(symbols: Iterable<number>): ReadonlyArray<number> {
    const steps: Array<number> = []
    for (const symbol of symbols) {
      const meaning = this.#all.symbols[symbol]
      if (meaning?._tag === "Declared") steps.push(2 * meaning.declaration, 2 * meaning.declaration + 1)
    }
    return steps
  }

  #next(step: number): ReadonlyArray<number> {
    const { pieces, hoisted, calls } = this.#declaration(step >> 1)
    if (step % 2 === 1) return this.#steps(namedBy(pieces, this.#options, true))
    return hoisted ? [] : this.#steps(namedBy(pieces, this.#options, calls))
  }

  #visit(step: number): void {
    if (this.#found.has(step)) return
    const found = this.#found.size
    this.#found.set(step, found)
    let lowest = found
    this.#stack.push(step)
    this.#open.add(step)
    for (const next of this.#next(step)) {
      this.#visit(next)
      if (this.#open.has(next)) lowest = Math.min(lowest, this.#lowest.get(next) ?? this.#found.get(next) ?? found)
    }
    this.#lowest.set(step, lowest)
    if (lowest < found) return
    const circle = this.#stack.splice(this.#stack.indexOf(step))
    for (const each of circle) this.#open.delete(each)
    const evaluated = circle.filter((each) => each % 2 === 0).map((each) => each >> 1)
    this.#order.push(...evaluated.sort((one, other) => one - other))
  }
}

/** The symbols that pieces name, in the order of the text; without those that only functions name, if not wanted. */
export const namedBy = (pieces: ReadonlyArray<Piece>, options: Options, deferred: boolean): ReadonlyArray<number> =>
  pieces.flatMap((piece) => {
    if (typeof piece === "string") return []
    if ("symbol" in piece) return deferred || piece.deferred !== true ? [piece.symbol] : []
    return deferred ? taken(piece, options).flatMap(([, inner]) => namedBy(inner, options, true)) : []
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
