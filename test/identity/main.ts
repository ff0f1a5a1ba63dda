/**
 * Edits of a laboratory of stages in hundreds of ways, each judged by what its sources compute when Node runs them: a key
 * that stays while results differ is stale, one that changes while they do not is needless. Edits of every kind are judged
 * by `dag run` too: what it leaves in an old store must be what it makes in an empty one. Prints a table, and how many
 * edits passed; exits with 1 on what is stale, and on what is needless and not documented.
 *
 * `--sample N` takes every Nth edit alone, `--command` only those that go through `dag run` or are refused before.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chosenEdits } from "./chosen.ts"
import { commandEdits } from "./command.ts"
import { edits } from "./edits.ts"
import { Judge, type Verdict } from "./judge.ts"
import { plantedEdits } from "./planted.ts"
import { realEdits } from "./real.ts"
import { printTable } from "./table.ts"

const at = process.argv.indexOf("--sample")
const every = at === -1 ? 1 : Number(process.argv[at + 1])
const onlyCommand = process.argv.includes("--command")
const folder = mkdtempSync(join(tmpdir(), "redag-identity-"))
try {
  const verdicts: Array<Verdict> = []
  if (!onlyCommand) {
    const judge = new Judge(folder)
    for (const [index, edit] of edits.entries()) if (index % every === 0) verdicts.push(await judge.judge(edit))
    if (every === 1) verdicts.push(...await realEdits(join(folder, "experiment")))
  }
  if (every === 1) verdicts.push(...await commandEdits(join(folder, "command"), chosenEdits), ...plantedEdits())
  if (printTable(verdicts)) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
