import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { currentBuild, isCurrentTool } from "../../pipeline/build/current.ts"
import { empty, makePlaces } from "./places.ts"
import { repository } from "./project.ts"

/** Makes `dist/` current, where it is not, before any test runs the command line from there, and a folder for the projects of all tests. */
export const setup = (): () => void => {
  if (!isCurrentTool(repository) || currentBuild(repository, repository) === undefined) {
    execFileSync(join(repository, "node_modules/.bin/node"), [join(repository, "pipeline/build/prepare.ts")], {
      cwd: repository,
      stdio: ["ignore", "inherit", "inherit"],
    })
  }
  const places = makePlaces()
  process.env["RIG_PLACES"] = places
  return () => empty(places)
}
