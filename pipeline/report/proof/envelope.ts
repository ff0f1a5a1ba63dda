import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto"
import { canonical } from "../../base/canonical.ts"
import { type Digest, digestOf } from "../../base/digest.ts"
import { InputError } from "../../base/errors.ts"
import type { Envelope } from "../../store/signatures.ts"

/** The media type that DSSE knows an in-toto Statement by. */
export const payloadType = "application/vnd.in-toto+json"

/** The types of what is said of the subjects of a Statement: of the root of results, and of the archive of a proof. */
export const predicateType = "urn:redag:results:1"
export const proofType = "urn:redag:proof:1"

/** A new pair of keys: the private one as PKCS8, the public one as SPKI, both in PEM. */
export const newKeys = (): { readonly privateKey: string; readonly publicKey: string } =>
  generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  })

/** What a key is known by: the sha256 of its public part as SPKI in DER. */
export const keyIdOf = (key: KeyObject): Digest => digestOf(key.export({ type: "spki", format: "der" }))

/** The keys in a PEM text; throws an InputError where it is none of ed25519. `file` is where it was read. */
export const privateKeyIn = (pem: string, file: string): { readonly key: KeyObject; readonly publicKey: KeyObject } => {
  const key = keyIn(() => createPrivateKey(pem), file, "a private key", "make one: dag key new --to FILE")
  return { key, publicKey: createPublicKey(key) }
}

/** The public key in a PEM text; that of a private key is taken too. */
export const publicKeyIn = (pem: string, file: string): KeyObject =>
  keyIn(() => createPublicKey(pem), file, "a public key", "name the file that dag key new wrote with the ending .pub")

const keyIn = (read: () => KeyObject, file: string, what: string, help: string): KeyObject => {
  let key: KeyObject | undefined
  try {
    key = read()
  } catch {
    // What is wrong with it stands in words of OpenSSL that help nobody.
  }
  if (key?.asymmetricKeyType === "ed25519") return key
  throw new InputError({ file, message: `does not hold ${what} of ed25519 in PEM`, help })
}

/** Something that is known by its sha256. */
export interface Subject {
  readonly name: string
  readonly digest: { readonly sha256: Digest }
}

/** An in-toto Statement of one of these types, as text. */
export const statementOf = (
  subject: ReadonlyArray<Subject>,
  predicate: object,
  type: typeof predicateType | typeof proofType = predicateType,
): string => canonical({ _type: "https://in-toto.io/Statement/v1", subject, predicateType: type, predicate })

/** The bytes that are signed: DSSE's pre-authentication encoding. */
const signedBytes = (type: string, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload])

/** Signs a text. */
export const sealed = (text: string, { key, publicKey }: ReturnType<typeof privateKeyIn>): Envelope => {
  const payload = Buffer.from(text)
  return {
    payloadType,
    payload: payload.toString("base64"),
    signatures: [{
      keyid: keyIdOf(publicKey),
      sig: sign(null, signedBytes(payloadType, payload), key).toString("base64"),
    }],
  }
}

/** The text of an envelope that this key signed; undefined where it did not. */
export const openedWith = (envelope: Envelope, publicKey: KeyObject): string | undefined => {
  const payload = Buffer.from(envelope.payload, "base64")
  const bytes = signedBytes(envelope.payloadType, payload)
  const isSigned = envelope.payloadType === payloadType
    && envelope.signatures.some(({ sig }) => verify(null, bytes, publicKey, Buffer.from(sig, "base64")))
  return isSigned ? payload.toString() : undefined
}
