import { type ESTree, parseSync } from "rolldown/utils"
import { SourceProblem } from "./problem.ts"

/**
 * What stands for a module of messages in programs: the same exports, each of which gives the message's name and facts
 * in the place of its words (`message` in redag), so that no word is part of a key.
 *
 * `file` is the module's path below the project. Throws a {@link SourceProblem} on an export that is no text, no
 * function and no object of these.
 */
export const messagesWithoutWords = (file: string, text: string): string => {
  const { program } = parseSync(file, text, { lang: "ts" })
  const refuse = (node: { readonly start: number }, message: string): never => {
    const line = text.slice(0, node.start).split("\n").length
    throw new SourceProblem({
      file,
      line,
      message,
      help: "export texts, arrow functions that give texts, and objects of these",
    })
  }
  // What exports share, such as one help for several messages.
  const shared = new Map(program.body.flatMap((statement) => {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement
    return declaration?.type !== "VariableDeclaration"
      ? []
      : declaration.declarations.flatMap(({ id, init }) =>
        id.type === "Identifier" && init !== null ? [[id.name, init] as const] : []
      )
  }))
  const standIn = (node: ESTree.Expression, name: string): string => {
    const reference = `${JSON.stringify(file)}, ${JSON.stringify(name)}`
    switch (node.type) {
      case "Literal":
      case "TemplateLiteral":
      case "BinaryExpression":
        return `message(${reference})`
      case "Identifier": {
        const init = shared.get(node.name)
        return init === undefined ? refuse(node, `exports ${name}, which is no message`) : standIn(init, name)
      }
      case "ArrowFunctionExpression":
        return `(...facts) => message(${reference}, ...facts)`
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "ParenthesizedExpression":
        return standIn(node.expression, name)
      case "ObjectExpression":
        return `{ ${
          node.properties.map((property) =>
            property.type === "Property" && !property.computed
              && (property.key.type === "Identifier" || property.key.type === "Literal")
              ? `${JSON.stringify(keyOf(property.key))}: ${standIn(property.value, `${name}.${keyOf(property.key)}`)}`
              : refuse(property, "has a property without a plain name")
          ).join(", ")
        } }`
      default:
        return refuse(node, `exports ${name}, which is no message`)
    }
  }
  const exports = program.body.flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration") return []
    const { declaration } = statement
    if (
      declaration === null || declaration.type === "TSInterfaceDeclaration"
      || declaration.type === "TSTypeAliasDeclaration"
    ) {
      return []
    }
    if (declaration.type !== "VariableDeclaration") return refuse(declaration, "exports what is no message")
    return declaration.declarations.map(({ id, init }) =>
      id.type === "Identifier" && init !== null
        ? `export const ${id.name} = ${standIn(init, id.name)}`
        : refuse(id, "exports what is no message")
    )
  })
  return ["import { message } from \"redag\"", ...exports].join("\n")
}

const keyOf = (key: { readonly type: string; readonly name?: string; readonly value?: unknown }): string =>
  key.name ?? String(key.value)
