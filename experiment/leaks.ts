/** Corpora that a model was finetuned on before the experiment, in another form (protocol of In-BoXBART). */
export const leaks: Readonly<Record<string, ReadonlyArray<string>>> = { "In-BoXBART": ["cdr", "chemprot", "ddi"] }
