import { type Edit, other, replace, same } from "./edit.ts"
import { edits } from "./edits.ts"

/** Edits of as many kinds as there are, for what takes seconds each: their kinds, and what their names begin with. */
const names: ReadonlyArray<readonly [kind: string, name: string]> = [
  ["a comment", "before stages/shared/arithmetic.ts"],
  ["an export that nothing uses", "in stages/shared/stack.ts"],
  ["an export that nothing uses", "in stages/packed/stage.ts"],
  ["a type", "in schemas/values.ts"],
  ["types in a function", "satisfies"],
  ["layout", "CR LF in stages/shared/arithmetic.ts"],
  ["order of declarations", "reversed in stages/shared/arithmetic.ts"],
  ["a module renamed or moved", "stages/shared/arithmetic.ts"],
  ["a module renamed or moved", "messages.ts into another folder"],
  ["a local name", "state is current"],
  ["a local name", "private members"],
  ["a name of a function, class or constant", "wrap is below"],
  ["a name of a property", "a data file"],
  ["a name that means the same", "two functions change their names"],
  ["a name that means something else", "another export under the same name"],
  ["another spelling", "of a number, in hexadecimal"],
  ["written otherwise", "an arrow function for a function"],
  ["how a module is imported", "a function moved to another module"],
  ["words of a message", "around facts"],
  ["words of a message", "another fact"],
  ["options of a choice", "a new one"],
  ["options of a choice", "an export that is not taken"],
  ["options of a choice", "another module for one of the second choice"],
  ["a late module", "an export that is not taken"],
  ["a late module", "all of it is taken"],
  ["a computed import", "what it loads"],
  ["a computed import", "what that imports"],
  ["a computed import", "a comment in another stage"],
  ["effects at load", "a call"],
  ["what no program can hold", "data that is not there"],
  ["a package", "a new version"],
  ["a package", "another main"],
  ["a package", "a new version of a package of the package"],
  ["a package", "another main of a package of the package"],
  ["a package", "a package of the package in its own folder"],
  ["a package", "a new version that computes the same"],
  ["data beside a module", "a word of a text"],
  ["data beside a module", "a number deep in JSON"],
  ["data beside a module", "layout of JSON"],
  ["params", "order of names"],
  ["params", "order of parts"],
  ["params", "a seed"],
  ["params", "a name in dag.config.ts"],
  ["the config", "the view of results"],
  ["how a stage is run", "in a process of its own"],
  ["order of what is done", "two effects"],
  ["a function of effect", "another one"],
  ["a Schema", "a row has a column more"],
  ["a Schema", "of params"],
  ["a Schema", "nothing uses it"],
  ["the body of a function", "stages/shapes/kinds/circle.ts: pi"],
  ["the body of a function", "stages/shared/arithmetic.ts: 1_009"],
  ["the body of a function", "stages/tables/closures.ts: calls"],
]

/** What the laboratory's other edits have no need of, for it is a mutant there. */
const own: ReadonlyArray<Edit> = [
  same(
    "a function that nothing uses",
    "its body",
    replace("stages/shared/arithmetic.ts", "return spare(number) + 1", "return spare(number) + 2"),
  ),
  other(
    "the body of a function",
    ["total"],
    "to the same result, which nothing behind it notices",
    replace("stages/total/stage.ts", "Math.floor(value)", "Math.floor(value) + 0"),
  ),
]

const orderOfNodes = edits.filter(({ kind, name }) => kind === "params" && name === "order of nodes").map(
  // Their keys stay. What reads all of them reads them in this order.
  ({ kind, name, apply }) => other(kind, ["total"], name, apply),
)

export const chosenEdits: ReadonlyArray<Edit> = [
  ...names.map(([kind, name]) => {
    const found = edits.find((edit) => edit.kind === kind && edit.name.startsWith(name))
    if (found === undefined) throw new Error(`there is no edit ${kind}: ${name}`)
    return found
  }),
  ...orderOfNodes,
  ...own,
]
