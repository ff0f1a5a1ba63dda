import { type ESTree, parseSync, Visitor } from "rolldown/utils"
import type { Edit } from "./edit.ts"
import { laboratoryFiles } from "./files.ts"

/** Other operators of the same kind. */
const operators: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "+",
  "/": "*",
  "%": "*",
  "<": "<=",
  ">": ">=",
  "<=": "<",
  "===": "!==",
  "!==": "===",
  "??": "||",
  "&&": "||",
  "||": "&&",
}

/** Small changes at every place of the laboratory's stages where one is possible, as mutation testing makes them. */
export const mutants = (): ReadonlyArray<Edit> => {
  const files = laboratoryFiles()
  return files.paths.filter((path) => /^stages\/.*\.ts$/u.test(path) && !path.endsWith("messages.ts")).flatMap(
    (path) => {
      const text = files.read(path)
      const { program } = parseSync(path, text, { lang: "ts" })
      const made: Array<Edit> = []
      const put = (kind: string, { start, end }: ESTree.Span, by: string): void => {
        const line = text.slice(0, start).split("\n").length
        made.push({
          kind: `mutant: ${kind}`,
          name: `${path}:${line}: ${text.slice(start, end).slice(0, 40)} -> ${by.slice(0, 40)}`,
          apply: (edited) => edited.write(path, text.slice(0, start) + by + text.slice(end)),
          expected: { _tag: "Mutant", module: path },
        })
      }
      const imported = new Set<number>()
      /** Without a statement of its own a loop may have no end. */
      const loops: Array<ESTree.Span> = []
      new Visitor({
        ImportDeclaration: ({ source }) => void imported.add(source.start),
        ImportExpression: ({ source }) => void imported.add(source.start),
        ExportNamedDeclaration: ({ source }) => void (source === null || imported.add(source.start)),
        ExportAllDeclaration: ({ source }) => void imported.add(source.start),
        TSLiteralType: ({ literal }) => void imported.add(literal.start),
        NewExpression: ({ arguments: [first], callee }) => {
          if (callee.type === "Identifier" && callee.name === "URL" && first !== undefined) imported.add(first.start)
        },
        Property: ({ key }) => void imported.add(key.start),
        Literal: (node) => {
          if (imported.has(node.start)) return
          if (typeof node.value === "number") put("a number", node, String(node.value + 1))
          if (typeof node.value === "boolean") put("a truth value", node, String(!node.value))
        },
        BinaryExpression: (node) => {
          const to = operators[node.operator]
          const at = text.indexOf(node.operator, node.left.end)
          if (to !== undefined) put("an operator", { start: at, end: at + node.operator.length }, to)
        },
        ConditionalExpression: (node) => {
          const { test } = node
          put("a condition", test, `!(${text.slice(test.start, test.end)})`)
        },
        IfStatement: ({ test }) => put("a condition", test, `!(${text.slice(test.start, test.end)})`),
        ForStatement: (node) => void loops.push(node),
        ForOfStatement: (node) => void loops.push(node),
        WhileStatement: (node) => void loops.push(node),
        ExpressionStatement: (node) => {
          if (!loops.some(({ start, end }) => start <= node.start && node.end <= end)) {
            put("a statement left out", node, "")
          }
        },
      }).visit(program)
      return made
    },
  )
}
