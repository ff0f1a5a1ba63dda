const help = "give a text with words"

export const noWords = {
  message: (line: number, found: ReadonlyArray<string>) => `line ${line} has no word but ${found.join(", ")}`,
  help,
}
export const tooMany = (count: number, limit: number) => `has ${count} words, more than ${limit}`
export const tooManyHelp = "give a shorter text"
