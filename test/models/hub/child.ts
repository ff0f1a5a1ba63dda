import { download } from "../../../models/hub/download.ts"
import { quick } from "./rig.ts"

// A process of its own that downloads "main" of a repository and prints the snapshot, or the error, as JSON.

const [repository = ""] = process.argv.slice(2)
const { signal } = new AbortController()
const generator = download({ repository, revision: "main", environment: process.env, signal, patience: quick })
try {
  for (;;) {
    const { done, value } = await generator.next()
    if (done === true) {
      console.log(JSON.stringify(value))
      break
    }
    if (value.note !== undefined) console.error(value.note)
  }
} catch (error) {
  console.log(JSON.stringify({ ...(error as object), message: (error as Error).message }))
}
