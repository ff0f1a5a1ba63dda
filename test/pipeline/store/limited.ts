import { systemCode } from "../../../pipeline/base/system.ts"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"
import { publishTogether } from "../../../pipeline/store/together.ts"
import { bundlesIn, unwrittenIn } from "./bundles.ts"

// Publishes 128 actions to a folder; says what became of each, and how many more files others could open at the least
// while a file was forced to the disk, once the limit had been met.
const [folder = "", which] = process.argv.slice(2)
let spare = Infinity
let isMet = false
const free = (): number => {
  const opened: Array<number> = []
  try {
    while (opened.length < 1000) opened.push(calls.open("/dev/null", "read"))
  } catch {
    // The limit is met.
  }
  for (const file of opened) calls.close(file)
  return opened.length
}
const own: Calls = {
  ...calls,
  open: (path, how) => {
    try {
      return calls.open(path, how)
    } catch (thrown) {
      isMet ||= systemCode(thrown) === "EMFILE"
      throw thrown
    }
  },
  syncBeside: (file) => {
    if (isMet) spare = Math.min(spare, free())
    return calls.syncBeside(file)
  },
}
const bundles = (which === "bundlesIn" ? bundlesIn : unwrittenIn)(folder, 128, 128)
const outcomes = await publishTogether(own, bundles)
console.log(JSON.stringify({ tags: outcomes.map(({ _tag }) => _tag), spare }))
