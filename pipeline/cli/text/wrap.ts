import { wrapped } from "../../base/text.ts"

/** How wide texts for people are: as the terminal is, within reason. */
export const textWidth = (): number => Math.max(40, Math.min(process.stdout.columns ?? 100, 100))

/** Names with what each means beside it, in lines that fit a width; a name too long for its column has its own line. */
export const definitions = (
  entries: ReadonlyArray<readonly [name: string, meaning: string]>,
  width: number,
): ReadonlyArray<string> => {
  const room = Math.min(22, Math.max(0, ...entries.map(([name]) => name.length)))
  return entries.flatMap(([name, meaning]) => {
    const [first = "", ...rest] = wrapped(meaning, width - room - 4)
    const beside = " ".repeat(room + 4)
    const below = rest.map((line) => `${beside}${line}`)
    return name.length > room
      ? [`  ${name}`, `${beside}${first}`, ...below]
      : [`  ${name.padEnd(room)}  ${first}`.trimEnd(), ...below]
  })
}
