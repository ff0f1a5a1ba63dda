// GPT-2 writes every byte as a printable character: itself where Latin-1 prints one, else one from U+0100 on.
const printable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad)

const CHARACTERS: readonly string[] = (() => {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
})()

const BYTES: ReadonlyMap<string, number> = new Map(CHARACTERS.map((character, byte) => [character, byte]))

// GPT-2's split: contractions, then letters, digits or others with one space before them, then white space, of which
// a run leaves its last character to what follows. \s is spelled out: JavaScript's has U+FEFF and lacks U+0085.
const WORDS =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu

/** The words that GPT-2 splits a text into; together they are the text. */
export const gpt2Words = (text: string): readonly string[] => text.match(WORDS) ?? []

const encoder = new TextEncoder()
const WRITTEN_AS_IS = /^ ?[!-~]*$/u
const SPACE = CHARACTERS[0x20] ?? ""

/** The UTF-8 bytes of a text, each written as a character. */
export const toByteCharacters = (text: string): string => {
  if (WRITTEN_AS_IS.test(text)) return text.startsWith(" ") ? SPACE + text.slice(1) : text
  let written = ""
  for (const byte of encoder.encode(text)) written += CHARACTERS[byte] ?? ""
  return written
}

/** The text whose bytes tokens write; bytes that are no UTF-8 become U+FFFD, a token that writes no bytes is itself. */
export const fromByteCharacters = (tokens: readonly string[]): string => {
  const bytes: number[] = []
  for (const token of tokens) {
    const written = Array.from(token, (character) => BYTES.get(character) ?? -1)
    if (written.includes(-1)) { for (const byte of encoder.encode(token)) bytes.push(byte) }
    else for (const byte of written) bytes.push(byte)
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes))
}
