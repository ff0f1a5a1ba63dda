import AdmZip from "adm-zip"

/** The bytes of a .zip archive of these files. */
export const zipOf = (files: Readonly<Record<string, string | Uint8Array>>): Buffer => {
  const zip = new AdmZip()
  for (const [name, content] of Object.entries(files)) zip.addFile(name, Buffer.from(content))
  return zip.toBuffer()
}
