import { analyze, type Variable } from "eslint-scope"
import * as fc from "fast-check"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { runInNewContext } from "node:vm"
import { type ESTree, parseSync } from "rolldown/utils"
import { assert, describe, it } from "vitest"
import { childrenOf, Names, numbered, type Occurrence, type Syntax } from "../../../pipeline/build/scope.ts"
import { repository } from "../../rig/project.ts"

/** The declarations at the top of a module. */
const declarationsOf = (program: ESTree.Program): ReadonlyArray<Syntax> =>
  program.body.flatMap((statement): ReadonlyArray<Syntax> => {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement
    return declaration !== null && /^(?:Variable|Function|Class)Declaration$/u.test(declaration.type)
      ? [declaration]
      : []
  })

const occurrencesIn = (text: string, declaration: Syntax): ReadonlyArray<Occurrence> => {
  const names = new Names(text.slice(declaration.start, declaration.end), () => undefined)
  names.read(declaration)
  return names.occurrences
}

/** By where a name stands, where the variable that it means is declared; undefined for one from outside of functions. */
const declaredAt = (program: ESTree.Program): ReadonlyMap<number, number | undefined> => {
  const range = (node: Syntax): void => {
    node.range = [node.start, node.end]
    for (const child of childrenOf(node)) range(child)
  }
  range(program)
  const { scopes } = analyze(program as never, { ecmaVersion: 2022, sourceType: "module", fallback: "iteration" })
  // A class knows its name inside itself too.
  const classes = new Set(
    declarationsOf(program).flatMap((each) => (each.type === "ClassDeclaration" ? each.id?.start ?? [] : [])),
  )
  const placeOf = (variable: Variable | null): number | undefined => {
    const [first] = variable?.identifiers ?? []
    const place = first?.range?.[0]
    const isOutside = variable === null || ["module", "global"].includes(variable.scope.type)
    return isOutside || place === undefined || classes.has(place) ? undefined : place
  }
  const found = new Map<number, number | undefined>()
  for (const { variables, references } of scopes) {
    for (const variable of variables) {
      for (const { range } of variable.identifiers) {
        if (range !== undefined && !found.has(range[0])) found.set(range[0], placeOf(variable))
      }
    }
    for (const { identifier, resolved } of references) {
      if (identifier.range !== undefined) found.set(identifier.range[0], placeOf(resolved))
    }
  }
  return found
}

/** ES modules of installed packages, as others write them. */
const installed = (): ReadonlyArray<string> =>
  ["yaml/browser/dist", "hyparquet/src", "linkedom/esm", "fast-check/lib", "@observablehq/plot/src", "effect/dist"]
    .flatMap((folder) => {
      const path = join(repository, "node_modules", folder)
      return readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js")).sort()
        .filter((_, index) => index % 16 === 0).map((name) => join(path, name))
    })

describe("the meaning of names", () => {
  it("is what eslint-scope finds, in the modules of installed packages", () => {
    let compared = 0
    for (const file of installed()) {
      const text = readFileSync(file, "utf8")
      const { program, errors } = parseSync(file, text, { lang: "js", sourceType: "module", preserveParens: false })
      if (errors.length > 0) continue
      const expected = declaredAt(program)
      for (const declaration of declarationsOf(program)) {
        const places = new Map<number, number>()
        const seen = new Set<number>()
        for (const { name, start, local } of occurrencesIn(text, declaration)) {
          // Labels and private names are none of its.
          if (!expected.has(start)) continue
          const place = expected.get(start)
          const where = `${file} at ${start}: ${name}`
          seen.add(start)
          compared++
          // There are thousands, so that only what is wrong is asserted.
          if ((local === undefined) !== (place === undefined)) assert.fail(where)
          if (local === undefined || place === undefined) continue
          if ((places.get(local) ?? place) !== place) assert.strictEqual(places.get(local), place, where)
          places.set(local, place)
        }
        // Two variables have two numbers, and every name is found.
        assert.strictEqual(new Set(places.values()).size, places.size, file)
        for (const start of expected.keys()) {
          if (start >= declaration.start && start < declaration.end) {
            if (!seen.has(start)) assert.fail(`${file} at ${start}`)
          }
        }
      }
    }
    assert.isAbove(compared, 4_000)
  })

  it("stays when local names become canonical, in random programs", () => {
    fc.assert(
      fc.property(block, (body) => {
        const text = `const program = (log) => {\n${body}}`
        const expected = outcomeOf(text)
        // Such as two labels of one name, the one inside the other.
        fc.pre(!expected.includes("SyntaxError"))
        assert.deepStrictEqual(outcomeOf(renamed(text)), expected, text)
      }),
      { numRuns: 200 },
    )
  })
})

/** A declaration with canonical local names. */
const renamed = (text: string): string => {
  const { program } = parseSync("program.js", text, { lang: "js", sourceType: "module" })
  const [declaration] = declarationsOf(program)
  if (declaration === undefined) throw new Error(`no declaration: ${text}`)
  const occurrences = occurrencesIn(text, declaration)
  const numbers = numbered(occurrences)
  return occurrences.toSorted((one, other) => other.start - one.start).reduce(
    (all, { name, start, end, local, shorthand }) => {
      if (local === undefined) return all
      const canonical = `${name.startsWith("#") ? "#" : ""}_${numbers.get(local)}`
      return all.slice(0, start) + (shorthand ? `${name}: ${canonical}` : canonical) + all.slice(end)
    },
    text,
  )
}

/** Adds what may be a function, whose text holds names. */
const sum = (...values: ReadonlyArray<unknown>): string =>
  values.map((value) => (typeof value === "function" ? "a function" : String(value))).join("+")

/** What a program logs, and the kind of error that ends it. */
const outcomeOf = (text: string): ReadonlyArray<unknown> => {
  const logged: Array<unknown> = []
  const log = (value: unknown): void => void logged.push(typeof value === "function" ? "a function" : value)
  try {
    runInNewContext(`"use strict"; ${text}; program(log)`, { log, sum })
  } catch (error) {
    // Its message names variables.
    logged.push(typeof error === "object" && error !== null && "name" in error ? error.name : error)
  }
  return logged
}

const name = fc.constantFrom("a", "b", "c")

const { block } = fc.letrec<{ expression: string; statement: string; block: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    name,
    fc.nat(9).map(String),
    fc.tuple(tie("expression"), tie("expression")).map(([one, other]) => `sum(${one}, ${other})`),
    fc.tuple(name, tie("expression"), tie("expression")).map(([a, body, given]) => `((${a}) => ${body})(${given})`),
    fc.tuple(name, name, tie("expression"), tie("expression")).map(([a, b, value, body]) =>
      a === b ? body : `((${a} = ${value}, ${b} = ${a}) => ${body})()`
    ),
    fc.tuple(name, name, tie("expression")).map(([f, a, body]) =>
      `(function ${f}(${a}) { return sum(typeof ${f}, ${body}) })(1)`
    ),
    fc.tuple(name, tie("expression")).map(([a, value]) => `(({ ${a} }) => ${a})({ ${a}: ${value} })`),
    fc.tuple(name, tie("expression")).map(([a, value]) => `(() => { const ${a} = ${value}; return { ${a} }.${a} })()`),
    fc.tuple(name, tie("expression")).map(([a, value]) =>
      `new (class ${a} { #${a} = ${value}; get() { return sum(this.#${a}, typeof ${a}) } })().get()`
    ),
  ),
  statement: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.tuple(name, tie("expression")).map(([a, value]) => `try { ${a} = ${value} } catch { log("no ${a}".length) }\n`),
    tie("expression").map((value) => `try { log(${value}) } catch (error) { log(error.constructor.name) }\n`),
    tie("block").map((body) => `{\n${body}}\n`),
    fc.tuple(name, tie("block")).map(([a, body]) => `for (let ${a} = 0; ${a} < 2; ${a}++) {\n${body}break\n}\n`),
    fc.tuple(name, tie("block")).map(([a, body]) => `${a}: for (const ${a} of [1, 2]) {\n${body}continue ${a}\n}\n`),
    fc.tuple(name, tie("block")).map(([a, body]) => `try { throw 7 } catch (${a}) { {\n${body}} }\n`),
    fc.tuple(name, tie("expression"), tie("block")).map(([a, value, body]) =>
      `switch (1) { case 1: let ${a} = ${value}; {\n${body}} }\n`
    ),
    fc.tuple(name, tie("expression")).map(([a, value]) =>
      `(() => { log(typeof ${a}); var ${a} = ${value}; log(${a}) })()\n`
    ),
  ),
  block: fc.tuple(
    fc.uniqueArray(name, { maxLength: 2 }),
    fc.constantFrom("let", "const"),
    tie("expression"),
    fc.array(tie("statement"), { maxLength: 3 }),
  ).map(([names, kind, value, statements]) =>
    [...names.map((each) => `${kind} ${each} = ${value}\n`), ...statements].join("")
  ),
}))
