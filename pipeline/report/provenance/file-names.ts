import { digestOf } from "../../base/digest.ts"

/** The longest name of a file that is taken as it is, in characters. */
const longest = 150

/**
 * Gives each name a path of its own below a folder, as MLflow takes it: letters, digits and "_-. :/". What is written
 * otherwise in it, leads out of the folder, or is in the way of another one, has the beginning of its digest behind it.
 */
export const fileNames = (names: Iterable<string>): ReadonlyMap<string, string> => {
  const paths = new Map<string, string>()
  const files = new Set<string>()
  const folders = new Set<string>()
  for (const name of new Set(names)) {
    const plain = name.replaceAll(/[^A-Za-z0-9_\-. :/]/gu, "_").split("/")
      .map((part) => (/^[. ]*$/u.test(part) ? "_" : part)).join("/").slice(0, longest)
    const isFree = plain === name && !files.has(plain) && !folders.has(plain)
      && !foldersOf(plain).some((each) => files.has(each))
    const path = isFree ? plain : `${plain.replaceAll("/", ".")}-${digestOf(name).slice(0, 8)}`
    paths.set(name, path)
    files.add(path)
    for (const folder of foldersOf(path)) folders.add(folder)
  }
  return paths
}

const foldersOf = (path: string): ReadonlyArray<string> => {
  const parts = path.split("/")
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"))
}
