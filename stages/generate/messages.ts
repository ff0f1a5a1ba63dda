/** Words about constraints that a template cannot be given. */

export const unknownPattern = (slot: string, pattern: string) => ({
  message: `the pattern of {${slot}} is ${JSON.stringify(pattern)}, which constrained decoding does not know`,
  help: "use .* or .*? (over lines [^]* or [^]*?) in the template's extraction, or generate without a constraint",
})

export const notReadBack = (label: string) => ({
  message: `a clause of label ${label} is not read back as it is written`,
  help: "change the template so that its extraction finds what its clause says, or generate without a constraint",
})

export const otherSource = {
  message: "a source is not what the constraint's template writes around a text",
  help: "give the constraint the template that rendered the examples",
}

// A defect.
export const noConstraint = "there is no constraint to keep to"
