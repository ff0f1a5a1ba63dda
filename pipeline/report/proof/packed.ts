import { type Digest, digestOf } from "../../base/digest.ts"
import type { Proof } from "./collect.ts"
import { type privateKeyIn, proofType, sealed, statementOf } from "./envelope.ts"
import { places } from "./proof.ts"

/**
 * The files of a proof with a signature of its manifest, and so of each byte that it names: rows and the program that
 * compares them lead to no root. `signed` is when, as ISO 8601 writes it.
 */
export const packed = (
  { manifest, files }: Pick<Proof, "manifest" | "files">,
  keys: ReturnType<typeof privateKeyIn>,
  signed: string,
): ReadonlyMap<string, Uint8Array> => {
  const sha256: Digest = digestOf(files.get(places.manifest) ?? "")
  const { profile, tree: { root, leaves } } = manifest
  const subject = [{ name: places.manifest, digest: { sha256 } }]
  const envelope = sealed(statementOf(subject, { profile, root, leaves, signed }, proofType), keys)
  const publicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString()
  const text = `${JSON.stringify({ envelope, publicKey }, null, 2)}\n`
  return new Map([...files, [places.signed, Buffer.from(text)]])
}
