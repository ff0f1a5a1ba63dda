import { refusedIn } from "../house/refused.ts"
import { append, type Edit, refused } from "./edit.ts"
import { laboratoryFiles } from "./files.ts"
import type { Verdict } from "./judge.ts"

const stage = "stages/total/stage.ts"

/** What would be in no key, or make it coarser: it does not come so far. */
const edits: ReadonlyArray<Edit> = [
  refused(
    "refused by npm run check",
    /takes process\.env \(environment\)/u,
    "an environment variable in a stage",
    append(stage, "export const factor = () => Number(process.env[\"FACTOR\"])"),
  ),
  refused(
    "refused by npm run check",
    /takes node:fs \(files\)/u,
    "a file of the project in a stage",
    append(
      stage,
      "import { readFileSync } from \"node:fs\"\nexport const notes = () => readFileSync(\"notes.txt\", \"utf8\")",
    ),
  ),
  refused(
    "refused by npm run check",
    /computed import of [^]*: nobody can say what it loads/u,
    "an import() of a computed name in a stage",
    append(stage, "export const plugin = (name: string) => import(`./plugins/${name}.ts`)"),
  ),
]

/** Edits that the check of the rooms refuses. */
export const plantedEdits = (): ReadonlyArray<Verdict> =>
  edits.map(({ kind, name, apply, expected }) => {
    const files = laboratoryFiles()
    const before = refusedIn(new Map([[stage, files.read(stage)]]))
    apply(files)
    const after = refusedIn(new Map([[stage, files.read(stage)]]))
    const is = before.length === 0 && expected._tag === "Refused"
      && after.some(({ file, message }) => file === stage && expected.message.test(message))
    const found = after.map(({ message }) => message).join("; ")
    return {
      edit: { kind, name },
      slips: [],
      stale: is ? [] : [`is not refused: ${found}`],
      needless: [],
      allowed: undefined,
    }
  })
