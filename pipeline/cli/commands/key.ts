import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { createPublicKey } from "node:crypto"
import { rmSync, writeFileSync } from "node:fs"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { pathError, systemCode } from "../../base/system.ts"
import { keyIdOf, newKeys } from "../../report/proof/envelope.ts"
import { jsonFlag } from "../project.ts"
import { noteReadable, publicKeyFrom } from "../sign.ts"
import { print, printJson } from "../text/output.ts"

/** A new file that its owner alone may read where it is secret; one that is there stays. */
const writeNew = (file: string, text: string, mode: number): void => {
  try {
    writeFileSync(file, text, { flag: "wx", mode })
  } catch (thrown) {
    if (systemCode(thrown) !== "EEXIST") throw pathError(thrown, file, "written", "name another file") ?? thrown
    throw new InputError({
      file,
      message: "is there already, and may be a key that somebody needs",
      help: "name another file",
    })
  }
}

const make = Command.make("new", {
  to: Flag.String("to").pipe(
    Flag.withDescription("Where to write the private key; the public one is written beside it, with the ending .pub"),
  ),
  json: jsonFlag,
}, ({ to, json }) =>
  Effect.gen(function*() {
    const { privateKey, publicKey } = newKeys()
    yield* attempt(() => {
      writeNew(to, privateKey, 0o600)
      try {
        writeNew(`${to}.pub`, publicKey, 0o644)
      } catch (thrown) {
        rmSync(to)
        throw thrown
      }
    })
    const id = keyIdOf(createPublicKey(publicKey))
    yield* json ? printJson({ privateKey: to, publicKey: `${to}.pub`, id, pem: publicKey }) : print(
      `Private key in ${to}: keep it to yourself, and out of the repository.\nPublic key in ${to}.pub: give it to whoever checks your results, with its id.\n  id  ${id}\n${publicKey.trimEnd()}`,
    )
  })).pipe(Command.withDescription("Make a pair of keys (ed25519) to sign results with"))

const show = Command.make("show", {
  file: Argument.String("file").pipe(Argument.withDescription("The file of a key, private or public")),
  json: jsonFlag,
}, ({ file, json }) =>
  Effect.gen(function*() {
    const key = yield* publicKeyFrom(file)
    yield* noteReadable(file)
    const [id, pem] = [keyIdOf(key), key.export({ type: "spki", format: "pem" }).toString()]
    yield* json ? printJson({ id, pem }) : print(`  id  ${id}\n${pem.trimEnd()}`)
  })).pipe(Command.withDescription("Print the public key of a file, and its id"))

/** `dag key`: the keys that results are signed with. */
export const key = Command.make("key").pipe(
  Command.withSubcommands([make, show]),
  Command.withDescription("Make the keys that dag results --sign signs with"),
)
