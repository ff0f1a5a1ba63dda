import { afterAll, beforeAll, describe } from "vitest"
import { itKeepsTheContract } from "../pipeline/store/remote/contract.ts"
import { inEnvironment } from "./environment.ts"
import { type Moto, noMoto, startMoto } from "./moto.ts"
import { noSshd, type Sshd, startSshd } from "./sshd.ts"

describe.skipIf(noMoto !== undefined)(`S3 as a remote${noMoto === undefined ? "" : `: ${noMoto}`}`, () => {
  let moto: Moto
  let leave: () => void
  beforeAll(async () => {
    moto = await startMoto()
    leave = inEnvironment(moto.variables)
  })
  afterAll(async () => {
    leave()
    await moto.stop()
  })

  itKeepsTheContract(() => moto.newAddress())
})

describe.skipIf(noSshd !== undefined)(
  `a folder behind SSH as a remote${noSshd === undefined ? "" : `: ${noSshd}`}`,
  () => {
    let sshd: Sshd
    let leave: () => void
    beforeAll(async () => {
      sshd = await startSshd()
      leave = inEnvironment(sshd.variables)
    })
    afterAll(async () => {
      leave()
      await sshd.stop()
    })

    itKeepsTheContract(async () => sshd.newAddress().address)
  },
)
