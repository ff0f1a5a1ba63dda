import { assert, describe, it } from "@effect/vitest"
import { readXml } from "../../../stages/ingest/xml.ts"
import { assertInputError, withFiles } from "../support.ts"

/** The texts of the elements of an XML file, and the values of their attributes. */
const textsOf = (content: string): ReadonlyArray<string> =>
  withFiles({ "a.xml": content }, (sources) => {
    const texts: Array<string> = []
    const handler = {
      open: ({ attributes }: { readonly attributes: Readonly<Record<string, string>> }) => {
        texts.push(...Object.values(attributes))
      },
      close: (_: string, text: string) => {
        texts.push(text)
      },
    }
    for (const source of sources) for (const _ of readXml(source, handler));
    return texts
  })

/** Ten lines, of which one is replaced. */
const lines = (at: number, text: string, last = "</doc>"): string =>
  ["<doc>", ...Array.from({ length: 8 }, (_, index) => (index + 2 === at ? text : "<s>one; two</s>")), last].join("\n")

const refused = (content: string, line: number, message: RegExp) =>
  assertInputError(() => textsOf(content), { file: "a.xml", line, message })

describe("XML", () => {
  it("tells a bare & at its own line, wherever the next semicolon is", () => {
    const bare = /a "&" begins no entity/u
    for (const end of ["\n", "\r\n"]) {
      refused(lines(3, "<s>black & white</s>").replaceAll("\n", end), 3, bare)
      refused(lines(3, `<s note="R & D"/>`).replaceAll("\n", end), 3, bare)
    }
    refused("<doc>\n<s>this & that</s>\n<s>no semicolon</s>\n\n</doc>", 2, bare)
    refused(lines(4, "<s>a & b;</s>"), 4, bare)
    refused(lines(4, "<s>&;</s>"), 4, bare)
    refused(lines(5, "<s>&#12"), 5, /begins no entity|malformed character/u)
    refused(lines(2, "<s>AT&T; more</s>"), 2, /entity "T" is not declared/u)
    // Across the pieces in which a file is read.
    refused(lines(3, `<s>black & white ${"x".repeat(70_000)}\n</s>`), 3, bare)
  })

  it("tells other mistakes at the line where they are", () => {
    refused(lines(6, "<s></t>"), 6, /not well formed/u)
    refused(lines(2, "<s/>", "</dok>"), 10, /not well formed/u)
  })

  it("honours the entities that the file's own DTD declares", () => {
    const dtd = [
      "<!DOCTYPE doc SYSTEM 'x.dtd' [",
      `<!ENTITY beta "&#946;"> <!ENTITY drug '&beta;-blocker &amp; "x"'>`,
      `<!-- <!ENTITY hidden "no"> --> <!ENTITY beta "second">`,
      `<!ENTITY % parameter "no"> <!ENTITY less "&#38;#60;">`,
      "]>",
    ]
    const content = `${dtd.join("\n")}\n<doc note="&drug;">&beta; &less;</doc>`
    assert.deepStrictEqual(textsOf(content), [`β-blocker & "x"`, "β <"])
    refused(content.replace("&less;", "&hidden;"), 6, /"hidden" is not declared/u)
    assert.deepStrictEqual(textsOf("<doc>&lt;&amp;&gt;&apos;&quot;&#xe9;</doc>"), [`<&>'"é`])
  })

  it("reads a DTD's quoted values before its comments, and both from start to end", () => {
    const dtd = `<!ENTITY a "&#60;!-- is a comment"><!ENTITY b "x"><!ENTITY c '-->'>`
    assert.deepStrictEqual(textsOf(`<!DOCTYPE doc [${dtd}]>\n<doc>&b;&c;</doc>`), ["x-->"])
    const quoted = `<!ENTITY a "<!-- is a comment"><!ENTITY b "x"><!ENTITY c "-->">`
    assert.deepStrictEqual(textsOf(`<!DOCTYPE doc [${quoted}]>\n<doc>&b;&c;</doc>`), ["x-->"])
    const commented = `<!-- it's "so --><!ENTITY a "y"><?note <!ENTITY b "no"> ?><!ENTITY c '"'>`
    assert.deepStrictEqual(textsOf(`<!DOCTYPE doc [${commented}]>\n<doc>&a;&c;</doc>`), [`y"`])
    refused(`<!DOCTYPE doc [${commented}]>\n<doc>&b;</doc>`, 2, /"b" is not declared/u)
  })

  it("refuses entities that stand within each other deeper than 64", () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, index) => `<!ENTITY e${index} "${index === length - 1 ? "x" : `&e${index + 1};`}">`)
    const use = (length: number) => `<!DOCTYPE doc [${chain(length).join("")}]>\n<doc>&e0;</doc>`
    assert.deepStrictEqual(textsOf(use(64)), ["x"])
    refused(use(65), 2, /within each other more than 64 deep/u)
  })

  it("refuses entities of other files, of markup, of themselves and of too much text", () => {
    const use = (declarations: string, text = "&x;") => `<!DOCTYPE doc [${declarations}]>\n<doc>${text}</doc>`
    refused(use(`<!ENTITY x SYSTEM "other.txt">`), 2, /"x" is declared as another file/u)
    refused(use(`<!ENTITY x "<b>bold</b>">`), 2, /"x" stands for markup/u)
    refused(use(`<!ENTITY x "a &y;"><!ENTITY y "b &x;">`), 2, /"x" is declared by itself/u)
    const doubling = Array.from({ length: 20 }, (_, index) => `<!ENTITY d${index + 1} "&d${index};&d${index};">`)
    refused(use(`<!ENTITY d0 "ten chars."> ${doubling.join(" ")}`, "&d20;"), 2, /more than 65,536 characters/u)
    const long = `<!ENTITY x "${"y".repeat(60_000)}">`
    assert.strictEqual(textsOf(use(long, "&x;&x;"))[0]?.length, 120_000)
    refused(use(long, "&x;".repeat(300)), 2, /entities of the file stand for more/u)
  })
})
