import { patternBook } from "../pattern.ts"

/** Clauses about drugs given together, in the spaced tokens of the DCE corpus, for the sample corpus. */
export const sample = patternBook({
  stating: `
  adding {c} to {c2} gave better disease control => POS c c2
  volunteers were assigned to {c} along with {c2} => COMB c c2
  synergy was noted for {c} plus {c2} => POS c c2
  a mixture of {c} and {c2} failed to help => NEG c c2
  the triplet of {c} , {c2} and {c3} was highly active => POS c c2 c3
  the schedule consisted of {c} , {c2} and {c3} => COMB c c2 c3
  joint use of {c} and {c2} shrank most tumors => POS c c2
  {c} was coupled with {c2} in half of the cases => COMB c c2
  {c} plus {c2} proved more toxic than {c3} => NEG c c2
  remission was frequent under {c} , {c2} , {c3} and {c4} => POS c c2 c3 c4
  the protocol called for {c} , {c2} , {c3} plus {c4} => COMB c c2 c3 c4
  `,
  distracting: `
  {c} was as good as {c2}
  volunteers took {c} first and {c2} a month later
  {c} replaced {c2} in most cases
  {c} by itself was well tolerated
  costs were lower for {c} than for {c2} or {c3}
  `,
  framing: `
  In our series ,
  Notably ,
  This report shows that
  At one year ,
  `,
})

/** Other clauses on the same matter, for the mini model's pretraining. */
export const pretraining = patternBook({
  stating: `
  the combination of {c} and {c2} improved survival => POS c c2
  {c} combined with {c2} was effective => POS c c2
  {c} and {c2} acted synergistically => POS c c2
  treatment with {c} , {c2} and {c3} was effective => POS c c2 c3
  the combination of {c} , {c2} and {c3} improved response => POS c c2 c3
  the combination of {c} , {c2} , {c3} and {c4} was superior => POS c c2 c3 c4
  {c} enhanced the efficacy of {c2} => POS c c2
  patients were treated with {c} and {c2} => COMB c c2
  {c} was given in combination with {c2} => COMB c c2
  patients received {c} , {c2} and {c3} together => COMB c c2 c3
  therapy with {c} , {c2} , {c3} and {c4} was started => COMB c c2 c3 c4
  we studied the combination of {c} with {c2} => COMB c c2
  the combination of {c} and {c2} had no benefit => NEG c c2
  {c} with {c2} increased toxicity => NEG c c2
  the combination of {c} with {c2} was better than {c3} => POS c c2
  `,
  distracting: `
  {c} was compared with {c2}
  patients received either {c} or {c2}
  {c} alone was effective
  {c} was more effective than {c2}
  patients were resistant to {c} and {c2}
  {c} , {c2} and {c3} are widely used drugs
  `,
  framing: `
  In this study ,
  We found that
  The results show that
  In patients with cancer ,
  `,
})
