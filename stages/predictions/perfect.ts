import type { Example } from "../../schemas/examples.ts"
import type { Extraction } from "../../schemas/relations.ts"
import type { Extracted } from "../shared/language/extraction.ts"

/**
 * What is read out of predictions without a mistake: of texts, each the target of its example, or of lists of relations,
 * each argument by the name that the template gives it.
 */
export const withoutMistake = (
  examples: ReadonlyArray<Example>,
  as: "texts" | "relations",
  extract: (text: string) => Extracted,
): ReadonlyArray<Extraction> =>
  examples.map(({ document, target, answers }) => {
    const read = as === "texts" ? extract(target) : {
      relations: answers.map(({ label, arguments: names }) => ({
        label,
        arguments: names.map(([first = ""]) => first),
      })),
      malformed: [],
    }
    return { document, ...read, finished: true, sourceTruncated: false }
  })
