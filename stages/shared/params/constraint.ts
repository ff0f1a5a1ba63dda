import { Schema } from "effect"
import { Extraction, InvertedTemplate, Template } from "../language/template.ts"

/**
 * What generated texts are kept to: they say what the template writes of names that stand in the source's text, and
 * extraction reads back what they say.
 */
export const ConstraintParam = Schema.Struct({
  template: Schema.Struct({ ...InvertedTemplate.fields, source: Template.fields.source }),
  extraction: Extraction,
})
export type ConstraintParam = typeof ConstraintParam.Type
