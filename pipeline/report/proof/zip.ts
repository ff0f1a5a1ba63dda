import AdmZip from "adm-zip"

/** The same files give the same bytes: every file has the earliest time that a .zip can say. */
const noTime = new Date(1980, 0, 1)

/** Files, by path, as a .zip archive in their order. */
export const zipped = (files: ReadonlyMap<string, Uint8Array>): Buffer => {
  const zip = new AdmZip(undefined, { noSort: true })
  for (const [path, bytes] of files) {
    zip.addFile(path, Buffer.from(bytes), "", 0o644)
    const entry = zip.getEntry(path)
    if (entry !== null) entry.header.time = noTime
  }
  return zip.toBuffer()
}
