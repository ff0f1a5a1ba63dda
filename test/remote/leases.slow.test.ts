import { afterAll, beforeAll, beforeEach, describe, it } from "vitest"
import { noMachines } from "../rig/machines.ts"
import { sharedProject, type Variables } from "../rig/project.ts"
import { type Moto, noMoto, startMoto } from "./moto.ts"
import { noSshd, type Sshd, startSshd } from "./sshd.ts"
import { twoMachines } from "./two-machines.ts"

const suite = (remote: string, missing: string | undefined, start: () => Promise<() => Promise<Variables>>) => {
  const why = noMachines ?? missing
  describe.skipIf(why !== undefined)(
    `leases of two machines in ${remote}${why === undefined ? "" : `: ${why}`}`,
    () => {
      const project = sharedProject()
      let next: () => Promise<Variables>
      let variables: Variables = {}
      beforeAll(async () => {
        next = await start()
      })
      beforeEach(async () => {
        variables = await next()
      })
      const { executeOnce, takeOver, sleep } = twoMachines(project, () => variables)

      it("a long node is executed once", executeOnce)
      it("a crashed machine's work is taken over", takeOver)
      it("a machine that slept too long records nothing wrong", sleep)
    },
  )
}

let moto: Moto | undefined
let sshd: Sshd | undefined
afterAll(async () => {
  await moto?.stop()
  await sshd?.stop()
})

suite("S3", noMoto, async () => {
  const started = await startMoto()
  moto = started
  return async () => ({ DAG_REMOTE: await started.newAddress(), ...started.variables })
})

suite("S3 that ignores conditions", noMoto, async () => {
  const started = moto ?? await startMoto()
  started.proxy.fail(() => ({ _tag: "IgnoreConditions" }))
  return async () => ({ DAG_REMOTE: await started.newAddress(), ...started.variables })
})

suite("a folder behind SSH", noSshd, async () => {
  const started = await startSshd()
  sshd = started
  return () => Promise.resolve({ DAG_REMOTE: started.newAddress().address, ...started.variables })
})

suite("a folder", undefined, () => {
  let count = 0
  return Promise.resolve(() => Promise.resolve({ DAG_REMOTE: `../remote-${++count}-${process.pid}` }))
})
