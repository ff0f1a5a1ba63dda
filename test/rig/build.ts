import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { empty, makePlaces } from "./places.ts"
import { repository } from "./project.ts"

/** Makes `dist/` current before any test runs the command line from there, and a folder for the projects of all tests. */
export const setup = (): () => void => {
  execFileSync(join(repository, "node_modules/.bin/node"), [join(repository, "pipeline/build/prepare.ts")], {
    cwd: repository,
    stdio: ["ignore", "inherit", "inherit"],
  })
  const places = makePlaces()
  process.env["RIG_PLACES"] = places
  return () => empty(places)
}
