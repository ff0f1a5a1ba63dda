import { corpora } from "../../corpora.ts"
import { departures } from "../../departures.ts"
import { evaluations } from "../../evaluations.ts"
import { settings } from "../../settings.ts"
import { type Markup, markup } from "../markup.ts"
import { folded } from "./parts.ts"

/** "16 or 64". */
const fewShots = settings.flatMap(({ shots }) => (shots === "full" ? [] : shots)).join(" or ")

/** Published work that definitions are taken from. */
const sources: ReadonlyArray<readonly [what: string, where: string]> = [
  [
    "The experiment: Brokman and Kavuluru, How Important is Domain Specificity in Language Models and Instruction Finetuning for Biomedical Relation Extraction?",
    "https://arxiv.org/abs/2402.13470",
  ],
  ...corpora.map(({ title, publication }) => [`${title}: ${publication.title}`, publication.url ?? ""] as const),
  ["Bootstrap intervals: Efron and Tibshirani, An Introduction to the Bootstrap, 1993", ""],
  ["Approximate randomization: Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989", ""],
  ["Correction for many tests: Holm, Scandinavian Journal of Statistics 6, 1979", ""],
]

const definitions: ReadonlyArray<readonly [term: string, meaning: string]> = [
  [
    "F1",
    "2PR / (P + R), where precision P is the share of predicted relations that are right and recall R the share of gold relations that were found. Micro: over all relations of the test set; macro: from the labels' scores, as the corpus defines it.",
  ],
  [
    "Strict",
    "A predicted relation is right if its label and every argument's string are those of a gold relation. On CDR, an argument may be any name that the document gives to the gold concept.",
  ],
  [
    "The corpora's own evaluations",
    `Predicted strings are traced to the annotations that they stand for. Then ${
      corpora.flatMap((
        { title, evaluation },
      ) => (evaluation === null ? [] : `${title} counts ${evaluations[evaluation]}`))
        .join("; ")
    }.`,
  ],
  [
    "Few shots",
    `Finetuned on ${fewShots} training documents that a seed chooses. A cell is the mean over seeds; ± is the sample standard deviation between them.`,
  ],
  [
    "95% interval",
    "The middle 95% of F1 over resamples of the test documents, drawn with replacement: how far the number depends on which documents happen to be in the test set. It says nothing of other seeds of a run.",
  ],
  [
    "p",
    "Two-sided, by paired approximate randomization: how often a difference at least as large arises when, document by document, the two models' outcomes are swapped at random.",
  ],
  [
    "p, Holm",
    "p corrected for the number of tests of the same figure. A difference is marked * where this is below 0.05 and the interval leaves out 0. It is of the runs that were made: other seeds may differ more.",
  ],
  [
    "Effect",
    "Of all documents, the share on which the second model has the higher F1 less the share on which it has the lower one: −1 to 1.",
  ],
]

/** How everything was measured, in plain words, with sources. */
export const methodSection = (): Markup =>
  markup`<section id="method" aria-labelledby="method-title">
<h2 id="method-title">How it was measured</h2>
<p>Language models are finetuned to write the relations of a text as sentences. What they write for the test documents is read back by the pattern of the same sentences, and compared with what is annotated.</p>
<dl class="definitions">${
    definitions.map(([term, meaning]) =>
      markup`<div><dt>${term}</dt><dd>${meaning}</dd></div>
`
    )
  }</dl>
${
    folded(
      markup`Where the published code departs from the paper`,
      markup`<p>The protocol “paper” does what the paper says. The protocol “authors” does as the authors' code in all of these ways; “paper + …” in those that it names:</p>
<dl class="definitions">${
        Object.entries(departures).map(([name, { does }]) =>
          markup`<div><dt><code>${name}</code></dt><dd>${does}</dd></div>
`
        )
      }</dl>`,
      { printed: true },
    )
  }
<h3>Sources</h3>
<ul>${
    sources.map(([what, where]) =>
      markup`<li>${what}${where === "" ? "" : markup` <a href="${where}">${where}</a>`}</li>
`
    )
  }</ul>
</section>
`
