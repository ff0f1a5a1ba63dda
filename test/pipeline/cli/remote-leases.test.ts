import { describe, it } from "@effect/vitest"
import { twoMachines } from "../../remote/two-machines.ts"
import { noMachines } from "../../rig/machines.ts"
import { sharedProject } from "../../rig/project.ts"

describe.skipIf(noMachines !== undefined)(
  `runs of two machines with a folder as their remote${noMachines === undefined ? "" : ` [skipped: ${noMachines}]`}`,
  () => {
    const project = sharedProject()
    const { executeOnce, takeOver } = twoMachines(project, () => ({ DAG_REMOTE: project.path("remote") }))

    it("execute a long node once: the other waits for it, and takes in its record", executeOnce)

    it("take over from one that crashed, once its heart was watched to beat no more", takeOver)
  },
)
