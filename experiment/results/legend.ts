import type { Detail } from "../../schemas/details.ts"
import type { Result } from "../../schemas/results.ts"
import { headingOf, type TableLine } from "./layout.ts"
import { flags, sourceMarks } from "./words.ts"

/** What the marks and signs in a table mean, each once, only those that stand in it. */
export interface Legend {
  readonly models: ReadonlyArray<readonly [mark: string, meaning: string]>
  readonly cells: ReadonlyArray<readonly [mark: string, meaning: string]>
  readonly notes: ReadonlyArray<string>
}

const modelMarks: ReadonlyArray<readonly [mark: string, meaning: string]> = [
  ["b", "biomedical pretraining"],
  ["*", "finetuned on general instructions"],
  ["†", "finetuned on biomedical instructions"],
  ...Object.values(sourceMarks).filter(([mark]) => mark !== ""),
]

/** The legend of Table 1; `details` say why a model in context scores 0. */
export const legendOf = (lines: ReadonlyArray<TableLine>, details: ReadonlyArray<Detail>): Legend => {
  const cells = lines.flatMap((line) => line.cells)
  const scored = cells.filter((cell) => cell._tag === "Scored")
  const results = scored.map(({ result }) => result)
  return {
    models: modelMarks.filter(([mark]) => lines.some((line) => line.mark.includes(mark))).map(([mark, meaning]) =>
      [mark, mark === sourceMarks["in-context"][0] ? `${meaning}${silence(results, details)}` : meaning] as const
    ),
    cells: flags.filter(({ flag }) => results.some((result) => result.flags.includes(flag))).map(
      ({ mark, meaning }) => [mark, meaning] as const,
    ),
    notes: [
      "F1 in percent",
      ...(results.some(({ deviation }) => deviation !== null) ? ["mean ± standard deviation over seeds"] : []),
      ...(results.some(({ low }) => low !== null) ? ["95% bootstrap interval over documents in square brackets"] : []),
      ...(results.some(({ published }) => published !== null)
        ? ["the paper's number, and ours less it in round brackets"]
        : []),
      ...(scored.some(({ soFar }) => soFar !== undefined) ? ["2 of 5 seeds: those that there are so far"] : []),
      ...(scored.some(({ best }) => best)
        ? [
          `bold: highest of its column${
            results.some(({ source }) => source !== "grid")
              ? " among models of the grid"
              : ""
          }`,
        ]
        : []),
      ...(cells.some(({ _tag }) => _tag === "Empty") ? ["a word in place of a number: why there is none"] : []),
      ...(cells.some(({ _tag }) => _tag === "None") ? ["–: no run in this profile"] : []),
    ],
  }
}

/** Which models in context score 0 since they wrote nothing, as a clause; empty where none does. */
const silence = (results: ReadonlyArray<Result>, details: ReadonlyArray<Detail>): string => {
  const silent = results.filter((result) => result.source === "in-context" && wroteNothing(result, details))
  return silent.length === 0
    ? ""
    : `; ${silent.map((result) => `${result.model} on ${headingOf(result)}`).join(", ")} wrote nothing`
}

/** Whether the outputs of a cell have no piece of text, neither a relation nor another. */
const wroteNothing = ({ model, corpus, setting, protocol }: Result, details: ReadonlyArray<Detail>): boolean =>
  details.some((detail) =>
    detail.model === model && detail.corpus === corpus && detail.setting === setting && detail.protocol === protocol
    && detail.malformedDocuments.of > 0 && detail.malformed.of === 0
  )
