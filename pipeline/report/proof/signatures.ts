import { Effect, Schema } from "effect"
import { createPublicKey, type KeyObject } from "node:crypto"
import { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { counted } from "../../base/text.ts"
import type { Leaf, Signed } from "../../store/signatures.ts"
import { Store } from "../../store/store.ts"
import { keyIdOf, openedWith, predicateType, sealed, statementOf, type Subject } from "./envelope.ts"
import { leafOf, rootOf } from "./leaves.ts"

/** How a signature stands to what the store has. */
export type Checked =
  /** It is true of what the store has. `older` nodes of it have another action now. */
  | { readonly _tag: "Holds"; readonly older: number; readonly gone: number }
  /** The key did not sign this. */
  | { readonly _tag: "Invalid"; readonly problem: string }
  /** Actions that now have other outputs than were signed: what was forged, or was made again with other bytes. */
  | { readonly _tag: "Contradicted"; readonly nodes: ReadonlyArray<string> }

/** A signature of the store, and how it stands. */
export interface CheckedSignature {
  /** The name of its file, without the ending. */
  readonly name: string
  readonly profile: string
  /** What of the profile was signed, as flags: "--profile paper --models t5-mini"; undefined where it is not known. */
  readonly flags: string | undefined
  readonly root: Digest
  readonly nodes: number
  /** The id of the key; undefined where the file holds no public key. */
  readonly key: Digest | undefined
  /** When it was made, as who signed says. */
  readonly signed: string | undefined
  readonly checked: Checked
}

/** What a signed Statement must say, as far as it is read. */
const Statement = Schema.fromJsonString(Schema.Struct({
  subject: Schema.Array(Schema.Struct({ name: Schema.String, digest: Schema.Struct({ sha256: Digest }) })),
  predicateType: Schema.Literal(predicateType),
  predicate: Schema.Struct({
    profile: Schema.String,
    flags: Schema.String,
    root: Digest,
    leaves: Schema.Natural,
    signed: Schema.String,
  }),
}))

/** When a Statement was signed, as it says itself; the text is one that its key signed. */
export const signedAt = (statement: string): string | undefined => {
  const read = Schema.decodeUnknownOption(Statement)(statement)
  return read._tag === "Some" ? read.value.predicate.signed : undefined
}

/** What is to be signed of results. */
export interface ToSign {
  readonly profile: string
  /** The profile and the filters, as flags: a filtered view has fewer results than the profile. */
  readonly flags: string
  readonly node: string
  readonly leaves: ReadonlyArray<Leaf>
  /** When, as ISO 8601 writes it. */
  readonly signed: string
}

/** Signs the root of results; each table of the node that holds them is a subject, so that other tools can check it. */
export const signedBy = (
  { profile, flags, node, leaves, signed }: ToSign,
  keys: { readonly key: KeyObject; readonly publicKey: KeyObject },
): Signed => {
  const root = rootOf(leaves)
  const own = leaves.find((leaf) => leaf.node === node)
  const subject: ReadonlyArray<Subject> = [
    { name: `root of ${profile}`, digest: { sha256: root } },
    ...Object.entries(own?.outputs ?? {}).map(([output, sha256]) => ({
      name: `${node}:${output}`,
      digest: { sha256 },
    })),
  ]
  const statement = statementOf(subject, { profile, flags, node, root, leaves: leaves.length, signed })
  return {
    profile,
    node,
    root,
    leaves,
    envelope: sealed(statement, keys),
    publicKey: keys.publicKey.export({ type: "spki", format: "pem" }).toString(),
  }
}

/** How every sound signature of the store stands to the records of the store. */
export const checkSignatures = Effect.gen(function*() {
  const { files } = yield* Store
  const found: Array<CheckedSignature> = []
  for (const name of (yield* files.signatures.names).toSorted()) {
    const read = yield* files.signatures.look(name)
    if (read._tag === "Sound") found.push(yield* checkSignature(name, read.value))
  }
  return found
})

const checkSignature = Effect.fnUntraced(function*(
  name: string,
  signed: Signed,
): Effect.fn.Return<CheckedSignature, StoreError, Store> {
  const { profile, root, leaves, envelope } = signed
  const key = keyIn(signed.publicKey)
  const common = { name, profile, root, nodes: leaves.length, key: key === undefined ? undefined : keyIdOf(key) }
  const invalid = (problem: string): CheckedSignature => ({
    ...common,
    flags: undefined,
    signed: undefined,
    checked: { _tag: "Invalid", problem },
  })
  if (key === undefined) return invalid("holds no public key of ed25519")
  const text = openedWith(envelope, key)
  if (text === undefined) return invalid("is not by the key that it names")
  const statement = Schema.decodeUnknownOption(Statement)(text)
  if (statement._tag === "None") return invalid("does not say what such a signature says")
  const { predicate } = statement.value
  if (predicate.root !== root || predicate.profile !== profile || rootOf(leaves) !== root) {
    return invalid("is of another root than its file names")
  }
  return { ...common, flags: predicate.flags, signed: predicate.signed, checked: yield* standing(signed) }
})

const keyIn = (pem: string): KeyObject | undefined => {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === "ed25519" ? key : undefined
  } catch {
    return undefined
  }
}

/** How what was signed stands to the records that the store has now. */
const standing = Effect.fnUntraced(
  function*({ profile, leaves }: Signed): Effect.fn.Return<Checked, StoreError, Store> {
    const store = yield* Store
    const heads = yield* Effect.orElseSucceed(store.heads(profile), () => new Map<string, Digest>())
    const nodes: Array<string> = []
    let older = 0
    let gone = 0
    for (const leaf of leaves) {
      const head = heads.get(leaf.node)
      if (head !== undefined && head !== leaf.key) older++
      const found = yield* store.lookRecord(leaf.key)
      if (found._tag !== "Sound") gone++
      else if (rootOf([leafOf(leaf.node, found.value)]) !== rootOf([leaf])) nodes.push(leaf.node)
    }
    return nodes.length > 0 ? { _tag: "Contradicted", nodes } : { _tag: "Holds", older, gone }
  },
)

/** The end of a sentence that begins with a signature's file. */
export const standingText = ({ checked, nodes, flags, signed, key }: CheckedSignature): string => {
  if (checked._tag === "Invalid") return checked.problem
  const by = `by key ${key?.slice(0, 16) ?? ""} at ${signed ?? ""}`
  if (checked._tag === "Contradicted") {
    const [first] = checked.nodes
    const some = checked.nodes.length === 1 ? first : `${first} and ${checked.nodes.length - 1} more`
    return `says what ${some} made, ${by}, and the store has other outputs of ${
      checked.nodes.length === 1 ? "that action" : "those actions"
    }: somebody changed the store, or they were made again`
  }
  const rest = [
    ...(checked.older === 0 ? [] : [`${counted(checked.older, "node")} made something else since`]),
    ...(checked.gone === 0 ? [] : [`the records of ${counted(checked.gone, "node")} are not there`]),
  ]
  return `holds: ${counted(nodes, "node")} of ${flags ?? ""}, signed ${by}${
    rest.length === 0 ? "; this is what they are now" : `; ${rest.join(", ")}`
  }`
}

/** Whether every signature holds. */
export const allHold = (signatures: ReadonlyArray<CheckedSignature>): boolean =>
  signatures.every(({ checked }) => checked._tag === "Holds")
