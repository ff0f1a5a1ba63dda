import { describe } from "vitest"
import { itKeepsTheContract } from "../pipeline/store/remote/contract.ts"
import { environmentOfTests } from "./environment.ts"
import { motoOfTests, noMoto } from "./moto.ts"
import { noSshd, sshdOfTests } from "./sshd.ts"

describe.skipIf(noMoto !== undefined)(`S3 as a remote${noMoto === undefined ? "" : `: ${noMoto}`}`, () => {
  const moto = motoOfTests()
  environmentOfTests(() => moto.variables)

  itKeepsTheContract(() => moto.newAddress())
})

describe.skipIf(noSshd !== undefined)(
  `a folder behind SSH as a remote${noSshd === undefined ? "" : `: ${noSshd}`}`,
  () => {
    const sshd = sshdOfTests()
    environmentOfTests(() => sshd.variables)

    itKeepsTheContract(async () => sshd.newAddress().address)
  },
)
