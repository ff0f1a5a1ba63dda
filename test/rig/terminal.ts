import { existsSync } from "node:fs"
import { join } from "node:path"
import { type Ended, type Project, repository, type Variables } from "./project.ts"

/** The program that gives a command a terminal, of util-linux. */
const script = ["/usr/bin/script", "/bin/script"].find((path) => existsSync(path))

/** Why no command can be given a terminal here, to stand in the names of tests; "" where one can. */
export const noTerminal = script === undefined ? " [skipped: no program `script` to give the command a terminal]" : ""

/** What is typed once a question was printed, however its text came in pieces. */
export interface Answer {
  readonly question: string
  readonly typed: string
}

/** Runs `dag` with these words on a terminal to its end. */
export const onTerminal = (
  project: Project,
  words: string,
  variables: Variables = {},
  answer?: Answer,
): Promise<Ended> => {
  const dag = `${join(repository, "node_modules/.bin/node")} ${join(repository, "dist/dag.js")} ${words}`
  const started = project.startProgram(
    script ?? "",
    ["-qec", dag, "/dev/null"],
    { TERM: "xterm", ...variables },
    answer !== undefined,
  )
  const { stdin, stdout } = started.process
  let shown = ""
  let isTyped = false
  stdout?.on("data", (text: string) => {
    shown += text
    if (isTyped || answer === undefined || !shown.includes(answer.question)) return
    isTyped = true
    stdin?.write(answer.typed)
  })
  return started.ended
}
