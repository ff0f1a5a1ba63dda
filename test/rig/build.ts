import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { repository } from "./project.ts"

/** Makes `dist/` current before any test runs the command line from there. */
export const setup = (): void => {
  execFileSync(join(repository, "node_modules/.bin/node"), [join(repository, "pipeline/build/prepare.ts")], {
    cwd: repository,
    stdio: ["ignore", "inherit", "inherit"],
  })
}
