import { type Digest, isDigest } from "../base/digest.ts"
import { ownerIn } from "./owner.ts"

/**
 * The name of the beginning of an object that comes from a remote: `<digest>`, or `<digest>.<number>.<owner>` while a
 * process writes to it: no two write to one, since what comes from a remote may be wrong.
 */
export const partialName = (digest: Digest, number: number, owner: string): string => `${digest}.${number}.${owner}`

/** The object that a beginning is of; undefined where the name is of none. */
export const digestInPartial = (name: string): Digest | undefined => {
  const [, digest = name, owner] = /^([0-9a-f]{64})\.\d+\.(.+)$/u.exec(name) ?? []
  return isDigest(digest) && (owner === undefined || ownerIn(owner) === owner) ? digest : undefined
}

/** Whether a name is that of the beginning of an object. */
export const isPartialName = (name: string): boolean => digestInPartial(name) !== undefined
