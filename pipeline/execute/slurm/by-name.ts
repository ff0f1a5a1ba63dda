/** What a user types to have jobs of these names out of the queue: scancel takes one name at a time. */
export const cancelling = (names: Iterable<string>): string => {
  const commands = [...new Set(names)].map((name) => `scancel --name ${name}`)
  return commands.length <= MOST ? commands.join("; ") : `${commands.slice(0, MOST).join("; ")}; … (${commands.length})`
}

const MOST = 8
