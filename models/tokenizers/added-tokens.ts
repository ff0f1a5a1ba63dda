/** A token that is found in a text before anything else is done with it. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  /** Whether decoding leaves it out. */
  readonly special: boolean
  /** Whether it is looked for in the normalized text. */
  readonly normalized: boolean
  /** Whether it takes the white space before or after it. */
  readonly lstrip: boolean
  readonly rstrip: boolean
  /** Whether it is found only where no word continues. */
  readonly singleWord: boolean
}

/** A part of a text: the id of an added token, or text between such. */
export type Part = { readonly id: number } | Text

interface Text {
  readonly text: string
  /** Whether its first character comes from the first of the whole text. */
  readonly atStart: () => boolean
}

const never = (): boolean => false

const WORD_BEFORE = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u
const WORD_AFTER = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u
const SPACE_AFTER = /^\p{White_Space}*/u
const SPACE = /^\p{White_Space}$/u

/** Finds tokens in texts: the first in the text, of those the longest. */
const finder = (tokens: readonly (AddedToken & { readonly sought: string })[]): (part: Part) => readonly Part[] => {
  const bySought = new Map(tokens.map((token) => [token.sought, token]))
  bySought.delete("")
  if (bySought.size === 0) return (part) => [part]
  const longestFirst = [...bySought.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map((sought) => RegExp.escape(sought)).join("|"), "gu")
  return (part) => {
    if ("id" in part) return [part]
    const { text } = part
    const parts: Part[] = []
    let done = 0
    const addText = (end: number): void => {
      if (end > done) parts.push({ text: text.slice(done, end), atStart: done === 0 ? part.atStart : never })
    }
    for (const { 0: found, index } of text.matchAll(pattern)) {
      const token = bySought.get(found)
      let [start, end] = [index, index + found.length]
      // A token before may have taken white space that begins this one.
      if (token === undefined || start < done) continue
      if (token.singleWord && (endsInWord(text, start) || WORD_AFTER.test(text.slice(end, end + 2)))) continue
      if (token.lstrip) { while (start > done && SPACE.test(text[start - 1] ?? "")) start-- }
      if (token.rstrip) end += SPACE_AFTER.exec(text.slice(end))?.[0].length ?? 0
      addText(start)
      parts.push({ id: token.id })
      done = end
    }
    addText(text.length)
    return parts
  }
}

const endsInWord = (text: string, end: number): boolean => WORD_BEFORE.test(text.slice(Math.max(0, end - 2), end))

/** The added tokens of a tokenizer. */
export class AddedTokens {
  readonly #byId: ReadonlyMap<number, AddedToken>
  readonly #byContent: ReadonlyMap<string, AddedToken>
  readonly #specials: ReadonlySet<string>
  readonly #inText: (part: Part) => readonly Part[]
  readonly #inNormalized: (part: Part) => readonly Part[]
  readonly #normalize: (text: string) => string

  constructor(tokens: readonly AddedToken[], normalize: (text: string) => string) {
    this.#byId = new Map(tokens.map((token) => [token.id, token]))
    this.#byContent = new Map(tokens.map((token) => [token.content, token]))
    this.#specials = new Set(tokens.flatMap(({ content, special }) => special ? [content] : []))
    const sought = (normalized: boolean) =>
      tokens.filter((token) => token.normalized === normalized).map((token) => {
        return { ...token, sought: normalized ? normalize(token.content) : token.content }
      })
    this.#inText = finder(sought(false))
    this.#inNormalized = finder(sought(true))
    this.#normalize = normalize
  }

  /** One more than the largest id. */
  get size(): number {
    return Math.max(-1, ...this.#byId.keys()) + 1
  }

  id(content: string): number | undefined {
    return this.#byContent.get(content)?.id
  }

  content(id: number): string | undefined {
    return this.#byId.get(id)?.content
  }

  isSpecial(content: string): boolean {
    return this.#specials.has(content)
  }

  /** The parts of a text; those of text are normalized and not empty. */
  split(text: string): readonly Part[] {
    if (text === "") return []
    return this.#inText({ text, atStart: () => true }).flatMap((part) => {
      if ("id" in part) return [part]
      const normalized = this.#normalize(part.text)
      if (normalized === "") return []
      // Without a first character that the normalizer drops, it comes to the same.
      const keepsFirst = (): boolean => this.#normalize(part.text.replace(/^./su, "")) !== normalized
      return this.#inNormalized({ text: normalized, atStart: () => part.atStart() && keepsFirst() })
    })
  }
}
