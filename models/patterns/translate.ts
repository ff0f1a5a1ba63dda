import { characterClass, characterOf } from "./characters.ts"
import {
  looksAround,
  malformed,
  namesGroup,
  refersBack,
  repeatsEmpty,
  setsFlags,
  tooDeep,
  tooLarge,
  tooManyRepetitions,
} from "./messages.ts"

/** Why a regular expression is not used; the message stands after "the pattern" or a field's name. */
export class PatternError extends Error {
  readonly _tag = "PatternError"
}

/** A regular expression as RE2 writes it. */
export interface Translated {
  readonly re2: string
  /** Whether it may match nothing. */
  readonly nullable: boolean
  /** Characters and places that it holds once its repetitions are written out. */
  readonly size: number
  /** The most times that one of its characters is repeated by a count. */
  readonly repetitions: number
}

const MOST_SIZE = 10_000
const MOST_REPETITIONS = 1000
const MOST_DEPTH = 100

/**
 * Writes a regular expression of JavaScript (flag u) for RE2, which matches it in a time that is proportional to the
 * length of the text. Both find the same matches. Throws `PatternError` on what is no regular expression, on what cannot
 * be matched in linear time, and on a repetition of what may be empty, which the two take differently.
 */
export const translate = (source: string): Translated => {
  // Whatever follows may rely on it that the expression is well formed.
  try {
    RegExp(source, "u")
  } catch (cause) {
    throw new PatternError(malformed(cause instanceof Error ? cause.message : String(cause)))
  }
  return new Reader(source).alternatives(0)
}

/** An expression's next part; each alternative is known by how it begins, so no text is looked at twice. */
const PART =
  /\[(?:\\[^]|[^\\\]])*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\x..|\\[ck].|\\[^]|\(\?(?:<[^=!>]+>|<?[:=!]|[a-z-]*:)|\{\d+(?:,\d*)?\}\??|[*+?]\??|[^]/uy

const NOTHING: Translated = { re2: "", nullable: true, size: 0, repetitions: 1 }

class Reader {
  readonly #parts: ReadonlyArray<string>
  #at = 0

  constructor(source: string) {
    PART.lastIndex = 0
    this.#parts = Array.from(source.matchAll(new RegExp(PART, "guy")), ([part]) => part)
  }

  /** Reads up to the end of a group, or of all. */
  alternatives(depth: number): Translated {
    if (depth > MOST_DEPTH) throw new PatternError(tooDeep(MOST_DEPTH))
    let all = this.#sequence(depth)
    while (this.#parts[this.#at] === "|") {
      this.#at++
      const next = this.#sequence(depth)
      all = bounded({
        re2: `${all.re2}|${next.re2}`,
        nullable: all.nullable || next.nullable,
        size: all.size + next.size,
        repetitions: Math.max(all.repetitions, next.repetitions),
      })
    }
    return all
  }

  #sequence(depth: number): Translated {
    let all = NOTHING
    for (
      let part = this.#parts[this.#at];
      part !== undefined && part !== "|" && part !== ")";
      part = this.#parts[this.#at]
    ) {
      this.#at++
      const next = this.#repeated(this.#one(part, depth))
      all = bounded({
        re2: all.re2 + next.re2,
        nullable: all.nullable && next.nullable,
        size: all.size + next.size,
        repetitions: Math.max(all.repetitions, next.repetitions),
      })
    }
    return all
  }

  #one(part: string, depth: number): Translated {
    if (part.startsWith("(")) {
      if (part === "(" || part === "(?:") {
        const inner = this.alternatives(depth + 1)
        this.#at++
        return { ...inner, re2: `(?:${inner.re2})` }
      }
      if (/[=!]$/u.test(part)) throw new PatternError(looksAround(part))
      throw new PatternError(part.endsWith(">") ? namesGroup(part) : setsFlags(part))
    }
    if (/^\\[k1-9]/u.test(part)) throw new PatternError(refersBack(part))
    switch (part) {
      case "^":
        return place(String.raw`\A`)
      case "$":
        return place(String.raw`\z`)
      case String.raw`\b`:
      case String.raw`\B`:
        return place(part)
    }
    const isLiteral = part !== "." && !/^[\\[]./su.test(part)
    const isEscaped = /^\\[\^$\\.*+?()[\]{}|/]$/u.test(part)
    return {
      re2: isLiteral || isEscaped ? characterOf(part.codePointAt(isEscaped ? 1 : 0) ?? 0) : characterClass(part),
      nullable: false,
      size: 1,
      repetitions: 1,
    }
  }

  #repeated(one: Translated): Translated {
    const part = this.#parts[this.#at] ?? ""
    const [least, most] = timesOf(part)
    if (least === undefined) return one
    this.#at++
    if (one.nullable && most !== least) throw new PatternError(repeatsEmpty(part))
    const count = Math.max(1, least, most === Infinity ? 1 : most)
    const repetitions = one.repetitions * count
    if (repetitions > MOST_REPETITIONS) throw new PatternError(tooManyRepetitions(part, MOST_REPETITIONS))
    return {
      re2: one.re2 + part,
      nullable: one.nullable || least === 0,
      size: one.size * count,
      repetitions,
    }
  }
}

/** The least and the most times of a quantifier; nothing where it is none. */
const timesOf = (part: string): readonly [least: number, most: number] | readonly [undefined, undefined] => {
  switch (part[0]) {
    case "*":
      return [0, Infinity]
    case "+":
      return [1, Infinity]
    case "?":
      return [0, 1]
    case "{": {
      const [, least = "", comma, most = ""] = /^\{(\d+)(,?)(\d*)\}/u.exec(part) ?? []
      return [Number(least), comma === "" ? Number(least) : most === "" ? Infinity : Number(most)]
    }
    default:
      return [undefined, undefined]
  }
}

const place = (re2: string): Translated => ({ re2, nullable: true, size: 1, repetitions: 1 })

const bounded = (translated: Translated): Translated => {
  if (translated.size > MOST_SIZE) throw new PatternError(tooLarge(MOST_SIZE))
  return translated
}
