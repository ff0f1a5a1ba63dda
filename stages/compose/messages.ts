/** The words of mistakes in the sentence patterns. */

export const unknownType = (type: string): string => `unknown ChemProt relation type ${type}`
export const noConsistentNames = (pattern: string): string => `no consistent names for "${pattern}"`
export const emptySlot = (slot: string, pattern: string): string => `slot {${slot}} of "${pattern}" is not filled`
export const unknownSlotKind = (slot: string, pattern: string): string =>
  `unknown kind of slot {${slot}} in the pattern "${pattern}"`
export const repeatedSlot = (pattern: string): string => `a slot occurs twice in the pattern "${pattern}"`
export const missingSlot = (slot: string, pattern: string): string => `the pattern "${pattern}" has no slot {${slot}}`
export const nothingToPick = (index: number, length: number): string => `nothing to pick at ${index} of ${length}`
