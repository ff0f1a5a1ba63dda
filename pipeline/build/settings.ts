import type { ESTree } from "rolldown/utils"
import { nameOf } from "./syntax.ts"

/** What a stage says to whoever runs it: where, with how much of the machine, with which code, for how long. No result depends on it. */
const settings: ReadonlySet<string> = new Set(["isolation", "resources", "uses", "work"])

/** Where the settings stand in the call that declares a stage, each with the comma that goes with it. */
export const settingsIn = (
  { arguments: [definition] }: ESTree.CallExpression,
): ReadonlyArray<{ readonly start: number; readonly end: number }> => {
  if (definition?.type !== "ObjectExpression") return []
  const { properties } = definition
  const isSetting = properties.map((property) =>
    property.type === "Property" && !property.computed && settings.has(nameOf(property.key))
  )
  return properties.flatMap((property, index) => {
    if (isSetting[index] !== true) return []
    const after = properties[index + 1]
    if (after !== undefined) return [{ start: property.start, end: after.start }]
    // The last goes with the comma before it, and with all settings that stand just before it.
    const before = properties[isSetting.lastIndexOf(false)]
    return [{ start: before?.end ?? property.start, end: property.end }]
  })
}
