import { Effect } from "effect"
import { createPublicKey, type KeyObject } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import { onPath } from "../base/system.ts"
import { counted, some } from "../base/text.ts"
import type { Graph } from "../graph/node.ts"
import { keyIdOf, openedWith, privateKeyIn, publicKeyIn } from "../report/proof/envelope.ts"
import { rootOf } from "../report/proof/leaves.ts"
import { signedAt, signedBy } from "../report/proof/signatures.ts"
import { signatureName, type Signed } from "../store/signatures.ts"
import { Store } from "../store/store.ts"
import type { Held } from "./held-results.ts"
import { print, printJson, printNote } from "./text/output.ts"
import { viewText } from "./view-text.ts"

/** The text of a file of a key that the user names. */
const keyText = (file: string) =>
  attempt(() => onPath(file, "read", "name the file of a key", () => readFileSync(file, "utf8")))

/** The public key in a file that the user names. */
export const publicKeyFrom = (file: string) =>
  Effect.flatMap(keyText(file), (text) => attempt((): KeyObject => publicKeyIn(text, file)))

/** The keys of a file with a private one, which the user names to sign with. */
export const privateKeysFrom = (file: string) =>
  Effect.gen(function*() {
    const text = yield* keyText(file)
    const keys = yield* attempt(() => privateKeyIn(text, file))
    yield* noteReadable(file)
    return keys
  })

/** Says of a file with a private key that others than its owner may read it. */
export const noteReadable = (file: string) =>
  Effect.gen(function*() {
    const isOpen = process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0
    if (!isOpen || !(yield* keyText(file)).includes("PRIVATE KEY")) return
    yield* printNote(`others can read the private key in ${file}: run chmod 600 ${file}`)
  })

/** Signs what the results are made by, and keeps that in the store. */
export const signResults = Effect.fnUntraced(function*(
  graph: Graph,
  { leaves, provenance, view }: Held,
  file: string,
  partial: boolean,
) {
  const { profile, upToDate, flags, absent } = provenance
  const all = leaves()
  if (all.length === 0 || !upToDate) {
    return yield* new InputError({
      field: "--sign",
      message: all.length === 0 ? "there are no results to sign yet" : "the results are older than what they depend on",
      help: `run first: dag run ${flags}`.trimEnd(),
    })
  }
  if (absent.length > 0 && !partial) {
    return yield* new InputError({
      field: "--sign",
      message: `the results lack ${counted(absent.length, "node")}, which did not run or are older: ${
        some(absent.map(({ node }) => node))
      }`,
      help: `run first: dag run ${viewText(graph)}; or sign what there is: add --partial`,
    })
  }
  const keys = yield* privateKeysFrom(file)
  const { files } = yield* Store
  const name = signatureName(rootOf(all), keyIdOf(keys.publicKey))
  const known = yield* files.signatures.look(name)
  const text = known._tag === "Sound" && known.value.profile === profile
    ? openedWith(known.value.envelope, keys.publicKey)
    : undefined
  const since = text === undefined ? undefined : signedAt(text)
  // A later signature would not say when they were first signed.
  if (known._tag === "Sound" && since !== undefined) return { signed: known.value, since, absent: absent.length }
  const signed = signedBy({
    profile,
    flags: viewText(graph),
    node: view.node,
    leaves: all,
    signed: new Date().toISOString(),
  }, keys)
  yield* files.signatures.publish(name, signed)
  return { signed, since: undefined, absent: absent.length }
})

/** Says what was signed. */
export const printSigned = (
  graph: Graph,
  { signed, since, absent }: {
    readonly signed: Signed
    /** When it was signed before, where it was. */
    readonly since: string | undefined
    readonly absent: number
  },
  json: boolean,
): Effect.Effect<void> => {
  const { profile, root, leaves, envelope, publicKey } = signed
  const key = keyIdOf(createPublicKey(publicKey))
  return json
    ? printJson({ profile, flags: viewText(graph), root, leaves: leaves.length, absent, key, envelope })
    : print(
      `${since === undefined ? "Signed" : `Already signed at ${since}:`} the results of ${viewText(graph)}, ${
        counted(leaves.length, "node")
      }${
        absent === 0 ? "" : `, without ${counted(absent, "node")} that did not run or are older`
      }.\n  root  ${root}\n  key   ${key}`,
    )
}
