/**
 * Edits of a laboratory of stages in hundreds of ways, each judged by what its sources compute when Node runs them: a key
 * that stays while results differ is stale, one that changes while they do not is needless. Prints a table; exits with 1
 * on what is stale, and on what is needless and not documented.
 *
 * `--sample N` takes every Nth edit alone.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { edits } from "./edits.ts"
import { Judge, type Verdict } from "./judge.ts"
import { realEdits } from "./real.ts"
import { printTable } from "./table.ts"

const at = process.argv.indexOf("--sample")
const every = at === -1 ? 1 : Number(process.argv[at + 1])
const folder = mkdtempSync(join(tmpdir(), "redag-identity-"))
try {
  const judge = new Judge(folder)
  const verdicts: Array<Verdict> = []
  for (const [index, edit] of edits.entries()) if (index % every === 0) verdicts.push(await judge.judge(edit))
  if (every === 1) verdicts.push(...await realEdits(join(folder, "experiment")))
  if (printTable(verdicts)) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
