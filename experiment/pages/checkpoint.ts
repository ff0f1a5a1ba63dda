import type { Block, PageContent, PageSource, Piece } from "redag"
import { type ScoredRun, sourceOf } from "./nodes.ts"

/** The checkpoint that a run was written with: how its training went, what it learned from, and the template of that. */
export const checkpointPage = async (
  source: PageSource,
  { node }: ScoredRun,
  above: ReadonlyArray<Piece>,
): Promise<PageContent | undefined> => {
  const extracted = sourceOf(source, node, "relations")
  const generated = sourceOf(source, extracted, "generations")
  const learned = sourceOf(source, generated, "checkpoint")
  const shots = sourceOf(source, learned, "shots")
  const rendered = sourceOf(source, shots, "examples")
  const templated = sourceOf(source, node, "examples")
  const linked = (name: string | undefined): Piece =>
    name === undefined ? { text: "unknown" } : { text: name, link: { to: "node", node: name } }
  const steps: ReadonlyArray<readonly [what: string, name: string | undefined]> = [
    ["Learned in ", learned],
    ["from ", shots],
    ["rendered in ", rendered],
    ["wrote in ", generated],
    ["was read in ", extracted],
  ]
  const blocks: Array<Block> = [
    {
      _tag: "List",
      items: steps.flatMap(([what, name]) => name === undefined ? [] : [[{ text: what }, linked(name)]]),
    },
  ]
  if (templated !== undefined) {
    blocks.push({ _tag: "Heading", text: "Its template" }, {
      _tag: "List",
      items: ["source", "clause", "labels"].map((part) => [
        { text: part, link: { to: "source", node: templated, path: `template.${part}` } },
      ]),
    })
  }
  if (learned !== undefined) {
    blocks.push({ _tag: "Heading", text: "How training went" }, { _tag: "Curves", node: learned })
  }
  return { title: learned === undefined ? "No checkpoint" : `Checkpoint of ${learned}`, above, blocks }
}
