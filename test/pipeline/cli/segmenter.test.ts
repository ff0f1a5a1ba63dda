import { expect, it } from "vitest"
import { Segmenter } from "../../../pipeline/cli/text/segmenter.ts"

it.each(
  [
    ["grapheme", "a\u0301 \u{1F469}\u200D\u{1F52C}b"],
    ["word", "one two, three"],
  ] as const,
)("what stands for Intl.Segmenter in a build cuts text as that does, by %s", (granularity, text) => {
  const [ours, node] = [new Segmenter("en", { granularity }), new Intl.Segmenter("en", { granularity })]
  expect([...ours.segment(text)]).toEqual([...node.segment(text)])
  expect(ours.resolvedOptions()).toEqual(node.resolvedOptions())
  expect(Segmenter.supportedLocalesOf(["en", "de"])).toEqual(Intl.Segmenter.supportedLocalesOf(["en", "de"]))
})
