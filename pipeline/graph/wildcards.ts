/**
 * Tells whether a name is as a pattern says, in which "*" stands for any run of characters, also for none.
 *
 * What stands between two stars is looked for once, from where the one before it was found: however many stars there
 * are, no part of a name is looked at again and again.
 */
export const wildcard = (pattern: string): (name: string) => boolean => {
  const [first = "", ...rest] = pattern.split("*")
  const last = rest.pop()
  if (last === undefined) return (name) => name === first
  return (name) => {
    if (!name.startsWith(first)) return false
    let at = first.length
    for (const part of rest) {
      const found = name.indexOf(part, at)
      if (found === -1) return false
      at = found + part.length
    }
    return name.length - last.length >= at && name.endsWith(last)
  }
}
