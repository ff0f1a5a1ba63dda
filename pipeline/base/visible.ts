/**
 * Characters that a terminal obeys instead of showing them, or by which a text is seen in another order than it is
 * read: controls, marks and embeddings of direction, separators of lines and paragraphs.
 */
const hidden = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu

/**
 * A text in which every character that a terminal would obey stands as the escape that JSON has for it.
 *
 * Tabs and newlines stay. JSON stays JSON of the same value.
 */
export const visible = (text: string): string =>
  text.replace(hidden, (character) =>
    character === "\n" || character === "\t"
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
