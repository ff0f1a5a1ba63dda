const STRUCK = "[key]"

/** How bytes are written as text, and the characters that one byte may begin at. */
const encodings = [
  // Three bytes are four characters, so that a byte begins at any of them.
  { run: /[A-Za-z0-9+/_-]+={0,2}/gu, as: "base64", starts: [0, 1, 2, 3], perByte: 4 / 3 },
  { run: /[0-9A-Fa-f]+/gu, as: "hex", starts: [0, 1], perByte: 2 },
] as const

/** Strikes a key out of texts: as it is, as JSON and addresses write it, in any case, and in base64 or hex of anything. */
export const strikerOf = (key: string): (text: string) => string => {
  const forms = new Set([
    key,
    JSON.stringify(key).slice(1, -1),
    key.replaceAll("/", "\\/"),
    JSON.stringify(key).slice(1, -1).replaceAll("/", "\\/"),
    encodeURIComponent(key),
  ])
  // The longest first: one may be within another.
  const written = [...forms].sort((one, other) => other.length - one.length)
  const plain = new RegExp(written.map((form) => RegExp.escape(form)).join("|"), "giu")
  const sought = key.toLowerCase()
  return (text) =>
    encodings.reduce(
      (so, { run, as, starts, perByte }) =>
        so.replaceAll(run, (encoded) =>
          encoded.length >= key.length * perByte
            && starts.some((start) =>
              Buffer.from(encoded.slice(start), as).toString("latin1").toLowerCase().includes(sought)
            )
            ? STRUCK
            : encoded),
      text.replaceAll(plain, STRUCK),
    )
}
