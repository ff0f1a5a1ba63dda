/** The last part of `npm run check`: prints what the tables of rooms.ts refuse, and exits with 1 if that is anything. */
import { refusedIn } from "./refused.ts"
import { readTree } from "./tree.ts"

const refused = refusedIn(readTree())
for (const { file, line, message } of refused) process.stdout.write(`${file}:${line}: ${message}\n`)
if (refused.length > 0) process.exitCode = 1
