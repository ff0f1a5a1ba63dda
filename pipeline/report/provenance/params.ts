/** Params by their paths, "rendering.concept", each with its value as text; a list is JSON. */
export const parametersOf = (params: object, path = ""): ReadonlyArray<readonly [name: string, value: string]> =>
  Object.entries(params).flatMap(([name, value]: [string, unknown]) => {
    const here = path === "" ? name : `${path}.${name}`
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value)
      && Object.keys(value).length > 0
    return isGroup ? parametersOf(value, here) : [[here, typeof value === "string" ? value : JSON.stringify(value)]]
  })
