import { Schema } from "effect"
import { choice } from "redag"

/** The form in which an official program of some corpus reads predictions. */
export const forms = choice("form", {
  /** PubTator's relations of concept ids. */
  "pubtator": () => import("./forms/pubtator.ts"),
  /** Tabs between document, group and two mentions. */
  "chemprot": () => import("./forms/chemprot.ts"),
  /** A combination of drugs a line, in JSON. */
  "combinations": () => import("./forms/combinations.ts"),
  /** Every pair of a sentence, with bars between the fields. */
  "sentence-pairs": () => import("./forms/sentence-pairs.ts"),
})

/** One of the forms. It follows from their code, so that a new one is in no other's program. */
export const FormName = Schema.Literals(forms.options)
export type FormName = typeof FormName.Type
