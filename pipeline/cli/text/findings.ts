import { bytes, number } from "../../base/text.ts"
import { visible } from "../../base/visible.ts"
import { columns, paint } from "../../report/terminal.ts"
import { type Finding, kinds, type Report } from "../../store/verify/finding.ts"

/** What was checked, by kind, as a table. */
export const checkedText = ({ checked, findings }: Report): string =>
  columns(
    ["kind", ">files", ">size", ">damaged", ">foreign"],
    kinds.flatMap((kind) => {
      const own = findings.filter((finding) => finding.kind === kind)
      const count = (...states: ReadonlyArray<Finding["state"]>) =>
        own.filter(({ state }) => states.includes(state)).length
      const [damaged, foreign] = [count("damaged", "unreadable", "incomplete"), count("foreign")]
      const { files, bytes: size } = checked.get(kind) ?? { files: 0, bytes: 0 }
      return files + damaged + foreign === 0 ? [] : [[
        kind,
        number(files),
        bytes(size),
        damaged === 0 ? "" : paint.red(number(damaged)),
        foreign === 0 ? "" : paint.yellow(number(foreign)),
      ]]
    }),
  )

/** A finding as one line: a name may hold anything. */
export const findingText = ({ state, path, problem }: Finding): string =>
  `${labels[state]}  ${nameText(path)} ${problem}`

const labels: Readonly<Record<Finding["state"], string>> = {
  damaged: paint.red("damaged   "),
  unreadable: paint.red("unreadable"),
  incomplete: paint.red("incomplete"),
  foreign: paint.yellow("foreign   "),
  note: paint.dim("note      "),
}

/** A name of a file in one line, in which nothing is obeyed by a terminal. */
export const nameText = (name: string): string => /\p{Cc}/u.test(name) ? JSON.stringify(visible(name)) : name
