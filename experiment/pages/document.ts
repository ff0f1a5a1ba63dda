import { Schema } from "effect"
import type { Block, PageContent, PageSource, Piece } from "redag"
import { Example } from "../../schemas/examples.ts"
import { Generation } from "../../schemas/generations.ts"
import { type Mistake, Outcome } from "../../schemas/outcomes.ts"
import { Extraction, type PredictedRelation } from "../../schemas/relations.ts"
import { markedPieces } from "../results/highlight.ts"
import { checkpointOf, rowsAs, type ScoredRun, sourceOf } from "./nodes.ts"

/** What a run wrote of a document against what is right, with the mistakes marked where they stand in the text. */
export const documentPage = async (
  source: PageSource,
  { node }: ScoredRun,
  document: string,
  above: ReadonlyArray<Piece>,
  run: ReadonlyArray<string>,
): Promise<PageContent | undefined> => {
  const templated = sourceOf(source, node, "examples")
  const extracted = sourceOf(source, node, "relations")
  const generated = sourceOf(source, extracted, "generations")
  const isOf = (row: { readonly document: string }): boolean => row.document === document
  const outcome = (await rowsAs(source, node, "outcomes", Schema.is(Outcome))).find(isOf)
  const example = (await rowsAs(source, templated, "examples", Schema.is(Example))).find(isOf)
  const extraction = (await rowsAs(source, extracted, "relations", Schema.is(Extraction))).find(isOf)
  const generation = (await rowsAs(source, generated, "generations", Schema.is(Generation))).find(isOf)
  if (outcome === undefined || example === undefined) return undefined
  const { mistakes } = outcome
  const wrong = new Set(mistakes.flatMap(({ said }) => (said === null ? [] : [relationText(said)])))
  const right = (extraction?.relations ?? []).filter((relation) => !wrong.has(relationText(relation)))
  const names = {
    right: right.flatMap((relation) => relation.arguments),
    wanted: mistakes.flatMap(({ wanted }) => wanted?.arguments ?? []),
    said: mistakes.flatMap(({ said }) => said?.arguments ?? []),
  }
  const quote = (title: string, text: string): Block => ({ _tag: "Quote", title, pieces: markedPieces(text, names) })
  return {
    title: `Document ${document}`,
    above,
    blocks: [
      {
        _tag: "Text",
        pieces: [
          {
            text:
              `${outcome.predicted} predicted, ${outcome.correct} right; ${outcome.gold} gold, ${outcome.found} found. `,
          },
          ...(checkpointOf(source, node) === undefined ? [] : [
            { text: "The checkpoint and its curve", link: { to: "page", path: [...run, "checkpoint"] } } as const,
            { text: ". " },
          ]),
          ...(templated === undefined ? [] : templateLink(source, templated)),
        ],
      },
      { _tag: "Heading", text: mistakes.length === 0 ? "No mistakes" : "Mistakes" },
      ...(mistakes.length === 0 ? [] : [{ _tag: "List", items: mistakes.map(mistakePieces) } as const]),
      {
        _tag: "Key",
        marks: [["right", "said, and right"], ["wanted", "would have been right"], ["said", "said, and wrong"]],
      },
      quote("What the model read", example.source.trim()),
      quote(
        generation === undefined ? "What the model said" : `What the model wrote: ${generation.tokens} tokens`,
        generation?.text ?? (extraction?.relations ?? []).map(relationText).join("\n"),
      ),
      quote("What would have been right", example.target),
    ],
  }
}

/** The line of the template that a document was rendered with. */
const templateLink = ({ nodes }: PageSource, node: string): ReadonlyArray<Piece> =>
  nodes.get(node) === undefined
    ? []
    : [{ text: "The template", link: { to: "source", node, path: "template.clause" } }]

const relationText = ({ label, arguments: names }: PredictedRelation): string => `${label} (${names.join("; ")})`

const mistakePieces = ({ kind, said, wanted, text }: Mistake): ReadonlyArray<Piece> => [
  { text: `${kind}: ` },
  ...(said === null ? [] : [{ text: "said " }, { text: relationText(said), marks: ["said"] }]),
  ...(said === null || wanted === null ? [] : [{ text: ", " }]),
  ...(wanted === null ? [] : [{ text: "wanted " }, { text: relationText(wanted), marks: ["wanted"] }]),
  ...(text === "" ? [] : [{ text: "wrote " }, { text, marks: ["said"] }]),
]
