import { patternBook } from "../pattern.ts"

/** Sentences about drugs and the diseases that they bring on, for the sample corpus. */
export const sample = patternBook({
  titles: `
  A patient with {d} under {c}. => CID c d
  Safety of {c} in daily practice.
  Two reports of {d}.
  Rare reactions to {c} and {c2}.
  An unusual case of {c} poisoning with {d}. => CID c d
  `,
  stating: `
  Two patients developed {d} after {c}. => CID c d
  Severe {d} was attributed to {c} therapy. => CID c d
  High doses of {c} produced {d} and {d2} in rats. => CID c d; CID c d2
  We describe {c}-associated {d} in a child. => CID c d
  The {d} resolved once {c} was stopped. => CID c d
  Both {c} and {c2} worsened the {d}. => CID c d; CID c2 d
  The woman had {d} secondary to {c}. => CID c d
  On the third day {d} appeared under {c}, and {d2} followed. => CID c d; CID c d2
  Among users of {c}, {d} was more frequent. => CID c d
  Rechallenge with {c} brought back the {d}. => CID c d
  Long-term intake of {c} predisposes to {d}. => CID c d
  Fatal {d} complicated treatment with {c}, not with {c2}. => CID c d
  `,
  distracting: `
  No {d} was seen with {c}.
  Relief of {d} was achieved with {c}.
  Pretreatment with {c} prevented {d}.
  She had taken {c} for {d} since childhood.
  Serum levels of {c} were normal.
  The rate of {d} was similar under {c} and placebo.
  A history of {d} was denied.
  Neither {d} nor {d2} was related to {c}.
  Controls received {c} only.
  Several relatives also suffered from {d}.
  `,
  framing: `
  The mechanism remains unclear.
  Clinicians should be aware of this.
  Further studies are needed.
  Recovery was complete.
  `,
})

/** Other sentences on the same matter, for the mini model's pretraining. */
export const pretraining = patternBook({
  titles: `
  A case of {d} during {c} treatment. => CID c d
  Possible {c}-induced {d}. => CID c d
  Adverse effects of {c}.
  Treatment of {d} with {c}.
  The prevalence of {d} in adults.
  Drug reactions in hospital patients.
  `,
  stating: `
  Treatment with {c} caused {d} in several patients. => CID c d
  The patient experienced {d} while taking {c}. => CID c d
  A case of {c}-induced {d} is reported. => CID c d
  Administration of {c} led to {d}. => CID c d
  Our data show that {c} induces {d} and {d2}. => CID c d; CID c d2
  Exposure to {c} or {c2} resulted in {d}. => CID c d; CID c2 d
  Acute {d} occurred during {c} infusion. => CID c d
  It is known that {c} increases the risk of {d}. => CID c d
  An overdose of {c} triggered {d}. => CID c d
  He presented with {d} due to {c}. => CID c d
  In mice, {c} provoked {d} within hours. => CID c d
  The {d} was a side effect of {c}. => CID c d
  Adverse reactions to {c} included {d} and {d2}. => CID c d; CID c d2
  The use of {c} was followed by {d}. => CID c d
  Toxicity of {c} manifested as {d}. => CID c d
  Symptoms of {d} began when {c} was started. => CID c d
  Unlike {c}, {c2} caused {d}. => CID c2 d
  The drug {c} caused {d} but not {d2}. => CID c d
  `,
  distracting: `
  Treatment with {c} did not cause {d}.
  There was no evidence of {d} with {c}.
  We used {c} to treat {d}.
  Patients with {d} were given {c}.
  The drug {c} protected animals against {d}.
  The effect of {c} on {d} is unknown.
  Subjects with {d} were excluded.
  Blood samples were tested for {c}.
  He was admitted because of {d}.
  The association between {c} and {d} was not significant.
  A reduction of {d} was observed with {c}.
  Doses of {c} and {c2} were unchanged.
  Both {d} and {d2} are common in adults.
  `,
  framing: `
  All patients recovered.
  The cause is not known.
  These findings need confirmation.
  No deaths occurred.
  `,
})
