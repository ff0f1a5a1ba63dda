import { join } from "node:path"

/** What programs take of one export of redag or effect: some of its properties, or the whole of it. */
export interface Hosted {
  readonly from: string
  readonly name: string
  readonly properties: ReadonlyArray<string> | "all"
}

/**
 * The module that gives programs what they share with the engine: what they take of effect and redag, and the modules of
 * messages, which put words to what programs fail with.
 *
 * Of a namespace such as Effect it names only the properties that some program takes, so that the rest is not bundled.
 */
export const hostSource = (root: string, hosted: ReadonlyArray<Hosted>, messages: ReadonlyArray<string>): string => {
  const imports = hosted.map(({ from, name }, index) => {
    const clause = name === "*" ? `* as h${index}` : `{ ${name} as h${index} }`
    return `import ${clause} from ${JSON.stringify(from)}`
  })
  const modules = messages.map((file, index) => `import * as m${index} from ${JSON.stringify(join(root, file))}`)
  const given = new Map<string, Array<string>>()
  for (const [index, { from, name, properties }] of hosted.entries()) {
    const value = properties === "all"
      ? `h${index}`
      : `{ ${properties.map((property) => `${property}: h${index}.${property}`).join(", ")} }`
    // A namespace import stands for the whole module.
    const entry = name === "*" ? `...${value}` : `${JSON.stringify(name)}: ${value}`
    given.set(from, [...(given.get(from) ?? []), entry])
  }
  return [
    ...imports,
    ...modules,
    `export const given = { ${
      [...given].map(([from, entries]) => `${JSON.stringify(from)}: { ${entries.join(", ")} }`).join(", ")
    } }`,
    `export const messages = { ${messages.map((file, index) => `${JSON.stringify(file)}: m${index}`).join(", ")} }`,
  ].join("\n")
}
