import { systemCode } from "../../base/system.ts"

/** What a call gives, or something else where nothing is at its path. */
export const absent = async <A, B>(call: Promise<A>, otherwise: B): Promise<A | B> => {
  try {
    return await call
  } catch (thrown) {
    const code = systemCode(thrown)
    if (code === "ENOENT" || code === "ENOTDIR") return otherwise
    throw thrown
  }
}
