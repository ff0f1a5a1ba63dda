import { type Edit, needless, prepend, replace, same } from "../edit.ts"

const arithmetic = "stages/shared/arithmetic.ts"
const random = "stages/numbers/random.ts"
const tokens = "stages/words/tokens.ts"
const closures = "stages/tables/closures.ts"
const operations = "stages/tables/operations.ts"
const walk = "stages/walk/stage.ts"
const otherwise = "the same computation written otherwise"

const types: ReadonlyArray<Edit> = [
  same("types in a function", "an annotation", replace(random, "let state = seed", "let state: number = seed")),
  same("types in a function", "a cast", replace(random, "yield state", "yield state as number")),
  same(
    "types in a function",
    "satisfies",
    replace(operations, "  double,\n", "  double: double satisfies (number: number) => number,\n"),
  ),
  same(
    "types in a function",
    "a type parameter",
    replace(closures, "(number: number): string =>", "<N extends number>(number: N): string =>"),
  ),
  same("types in a function", "a non-null mark", replace(closures, "seen.add(number)", "seen.add(number!)")),
  same(
    "types in a function",
    "a type import of a value",
    prepend(walk, "import type { climb } from \"./walk.ts\"\nexport type Climb = typeof climb"),
  ),
  same(
    "types in a function",
    "as const",
    replace("stages/tables/stage.ts", "(number ?? 0) * 2", "(number ?? (0 as const)) * 2"),
  ),
]

const spelling: ReadonlyArray<Edit> = [
  same("another spelling", "of a number, in digits", replace(arithmetic, "1_009", "1009")),
  same("another spelling", "of a number, in hexadecimal", replace(arithmetic, "1_009", "0x3f1")),
  same("another spelling", "of a number, with an exponent", replace(arithmetic, "1_009", "1.009e3")),
  same("another spelling", "of a text, in other marks", replace(tokens, "\"none\"", "'none'")),
  same("another spelling", "of a text, with an escape", replace(tokens, "\"none\"", "\"n\\u006fne\"")),
  same("another spelling", "parentheses", replace(random, "yield state", "yield (state)")),
  same("another spelling", "semicolons", replace(random, "yield state\n", "yield state;\n")),
  same(
    "another spelling",
    "a comma at the end",
    replace(random, "add(times(state, factor), summand)", "add(times(state, factor), summand,)"),
  ),
  same(
    "another spelling",
    "no parentheses around the parameter",
    replace("stages/tables/stage.ts", "map((counter) =>", "map(counter =>"),
  ),
  same("another spelling", "{ text: text }", replace("stages/words/stage.ts", "({ text })", "({ text: text })")),
  same("another spelling", "a name with an escape", replace(random, "let state", "let st\\u0061te")),
]

const rewritten: ReadonlyArray<Edit> = [
  needless(
    "written otherwise",
    otherwise,
    "an arrow function for a function",
    replace(
      arithmetic,
      "export function add(one: number, other: number): number {\n  return wrap(one + other)\n}",
      "export const add = (one: number, other: number): number => wrap(one + other)",
    ),
  ),
  needless(
    "written otherwise",
    otherwise,
    "a function for an arrow function",
    replace(
      arithmetic,
      "const wrap = (number: number): number => ((number % modulus) + modulus) % modulus",
      "function wrap(number: number): number {\n  return ((number % modulus) + modulus) % modulus\n}",
    ),
  ),
  needless(
    "written otherwise",
    otherwise,
    "a block for an expression",
    replace(random, "if (count === 0) return taken", "if (count === 0) {\n    return taken\n  }"),
  ),
  needless(
    "written otherwise",
    otherwise,
    "a constant for its value",
    replace("stages/walk/then.ts", "number + shift", "number + 11"),
  ),
  needless(
    "written otherwise",
    otherwise,
    "a helper taken out",
    replace(
      "stages/walk/promised.ts",
      "=> number * by",
      "=> multiplied(number, by)\nconst multiplied = (one: number, other: number): number => one * other",
    ),
  ),
  needless(
    "written otherwise",
    otherwise,
    "a text for a template",
    replace(closures, "`${number} is too large`", "String(number) + \" is too large\""),
  ),
  needless(
    "written otherwise",
    otherwise,
    "a local constant",
    replace(random, "yield state", "const next = state\n    yield next"),
  ),
  needless(
    "written otherwise",
    otherwise,
    "local declarations in another order",
    replace(closures, "  const outer = number + 1\n", "  const outer = 1 + number\n"),
  ),
  needless(
    "written otherwise",
    otherwise,
    "an escape in a template",
    replace(closures, "${number} is", "${number}\\u0020is"),
  ),
  needless(
    "written otherwise",
    otherwise,
    "let for const",
    replace(random, "const taken: Array<A>", "let taken: Array<A>"),
  ),
  needless(
    "written otherwise",
    otherwise,
    "an import of another form",
    replace(
      walk,
      "const { late } = await import(\"./late.ts\")\n  return late(number)",
      "return (await import(\"./late.ts\")).late(number)",
    ),
  ),
  needless(
    "written otherwise",
    otherwise,
    "quotation marks around a property",
    replace(operations, "scale: 2", "\"scale\": 2"),
  ),
]

/** Edits after which the same is written otherwise: its types, its spelling, its expressions. */
export const writingEdits: ReadonlyArray<Edit> = [
  ...types,
  ...spelling,
  ...rewritten,
]
