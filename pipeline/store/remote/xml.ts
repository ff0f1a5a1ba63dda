import { SaxesParser } from "saxes"

/** What an answer in XML says: its records, and the texts right below its first element. */
export interface Records {
  readonly found: ReadonlyArray<Readonly<Record<string, string>>>
  readonly top: Readonly<Record<string, string>>
}

/** Reads an answer of S3: the elements of one name right below its first one, each as the texts in it. */
export const recordsIn = (xml: Buffer, name: string): Records => {
  const parser = new SaxesParser()
  const found: Array<Record<string, string>> = []
  const top: Record<string, string> = {}
  const path: Array<string> = []
  let text = ""
  parser.on("opentag", (tag) => {
    path.push(tag.name.replace(/^.*:/u, ""))
    if (path.length === 2 && path[1] === name) found.push({})
    text = ""
  })
  parser.on("text", (more) => (text += more))
  parser.on("closetag", () => {
    const last = path.at(-1) ?? ""
    if (path.length === 2 && last !== name) top[last] = text
    if (path.length === 3 && path[1] === name) {
      const record = found.at(-1)
      if (record !== undefined) record[last] = text
    }
    path.pop()
    text = ""
  })
  parser.write(xml.toString()).close()
  return { found, top }
}

/** Whether bytes are XML from the first to the last. */
export const isXml = (bytes: Buffer): boolean => {
  try {
    recordsIn(bytes, "")
    return true
  } catch {
    return false
  }
}
