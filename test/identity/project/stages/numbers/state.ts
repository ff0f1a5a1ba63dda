/** How often a name was given since the last reset. */
let given = 0
export let last = ""

export const reset = (): void => {
  given = 0
  last = ""
}

export const nameOf = (names: ReadonlyArray<string>, prefix = names[0] ?? "none"): string => {
  const index = given++ % names.length
  last = `${prefix}-${names[index] ?? ""}-${given}`
  return last
}
