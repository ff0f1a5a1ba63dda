/** HTML or SVG, as opposed to text, which is escaped where it is put into markup. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

/** What may be put into markup: text, numbers, other markup, or several of these one after another. */
export type Content = string | number | Markup | ReadonlyArray<Content>

/** Markup from a template; text that is put into it is escaped, also for attributes in double quotes. */
export const markup = (parts: TemplateStringsArray, ...contents: ReadonlyArray<Content>): Markup =>
  new Markup(parts.map((part, index) => `${part}${write(contents[index] ?? "")}`).join(""))

const write = (content: Content): string =>
  content instanceof Markup
    ? content.text
    : typeof content === "string"
    ? escape(content)
    : typeof content === "number"
    ? String(content)
    : content.map(write).join("")

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;",
}

const escape = (text: string): string => text.replace(/[&<>"']/gu, (letter) => entities[letter] ?? letter)

/** Nothing. */
export const nothing: Markup = new Markup("")
