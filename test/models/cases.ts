import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { repository } from "../rig/project.ts"

const root = resolve(repository, "../shared/cases/models")

/** Why tests on files beside the checkout do not run here, or undefined where they do. */
export const casesMissing = existsSync(root) ? undefined : `no cases at ${root}`

/** The end of a test's name that says why it does not run. */
export const skipReason = casesMissing === undefined ? "" : ` [skipped: ${casesMissing}]`

/** The path of a file of a case. */
export const caseFile = (name: string, file: string): string => join(root, name, file)
