import type { ESTree } from "rolldown/utils"

/** What a stage says to whoever runs it: where, with how much of the machine, with which code. No result depends on it. */
const settings: ReadonlySet<string> = new Set(["isolation", "resources", "uses"])

/** Where the settings stand in the call that declares a stage, each with the comma that goes with it. */
export const settingsIn = (
  { arguments: [definition] }: ESTree.CallExpression,
): ReadonlyArray<{ readonly start: number; readonly end: number }> => {
  if (definition?.type !== "ObjectExpression") return []
  const { properties } = definition
  return properties.flatMap((property, index) => {
    if (property.type !== "Property" || property.computed) return []
    const { key } = property
    const name = key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : ""
    if (!settings.has(name)) return []
    const before = properties[index - 1]
    const after = properties[index + 1]
    return [{
      start: after === undefined && before !== undefined ? before.end : property.start,
      end: after?.start ?? property.end,
    }]
  })
}
