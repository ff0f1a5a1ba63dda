import type { Edit } from "./edit.ts"
import { behaviourEdits } from "./edits/behaviour.ts"
import { languageEdits } from "./edits/language.ts"
import { moduleEdits } from "./edits/modules.ts"
import { nameEdits } from "./edits/names.ts"
import { outsideEdits } from "./edits/outside.ts"
import { writingEdits } from "./edits/writing.ts"
import { mutants } from "./mutants.ts"

/** Every edit of the laboratory. */
export const edits: ReadonlyArray<Edit> = [
  ...moduleEdits,
  ...nameEdits,
  ...writingEdits,
  ...languageEdits,
  ...outsideEdits,
  ...behaviourEdits,
  ...mutants(),
]
