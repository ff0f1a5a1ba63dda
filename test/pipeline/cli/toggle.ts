/** Writes one of two contents over the other in a file, as fast as it can, until it is killed: `node toggle.ts FILE`. */
import { openSync, readFileSync, writeSync } from "node:fs"
import { setImmediate as turn } from "node:timers/promises"

const [path = ""] = process.argv.slice(2)
const one = readFileSync(path)
const other = Buffer.from(one.toString().replaceAll("1", "2"))
const file = openSync(path, "r+")
process.stdout.write("toggles\n")
for (let count = 0;; count++) {
  writeSync(file, count % 2 === 0 ? other : one, 0, one.length, 0)
  if (count % 50 === 0) await turn()
}
