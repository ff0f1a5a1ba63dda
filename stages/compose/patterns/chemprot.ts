import { patternBook } from "../pattern.ts"

/** Sentences about chemicals and proteins, labelled with the relation types of ChemProt, for the sample corpus. */
export const sample = patternBook({
  titles: `
  Selective inhibition of {p} by {c}. => INHIBITOR c p
  New insights into {c} action.
  Pharmacology of {r}.
  Profile of {c}, an agonist at {r}. => AGONIST c r
  `,
  stating: `
  The compound {c} strongly inhibited {p}. => INHIBITOR c p
  Expression of {p} was raised by {c}. => UPREGULATOR c p
  We identified {c} as a substrate for {e}. => SUBSTRATE c e
  In binding assays {c} behaved as an antagonist at {r}. => ANTAGONIST c r
  Signals through {r} rose with the agonist {c}. => AGONIST c r
  Incubation with {c} lowered {p} and {p2} levels. => DOWNREGULATOR c p; DOWNREGULATOR c p2
  The activity of {p} was enhanced in the presence of {c}. => ACTIVATOR c p
  Turnover of {c} by {e} was rapid. => SUBSTRATE c e
  Potent blockade of {p} was seen with {c} and {c2}. => INHIBITOR c p; INHIBITOR c2 p
  Antagonist potency at {r} was highest for {c}. => ANTAGONIST c r
  Full agonist responses at {r} were obtained with {c}. => AGONIST c r
  Cells exposed to {c} expressed more {p}. => INDIRECT-UPREGULATOR c p
  The enzyme {e} released {c} as its product. => PRODUCT-OF c e
  `,
  distracting: `
  Inhibition of {p} by {c} was absent. => NOT c p
  The level of {p} did not change with {c}. => NOT c p
  Crystals of {p} were grown for two weeks.
  Cells were kept in {c} overnight.
  Purified {p} was mixed with {p2}.
  The structure of {c} has been solved.
  Whether {c} acts on {p} is debated.
  `,
  framing: `
  Assays were run in triplicate.
  These results suggest a new target.
  The reason is unclear.
  `,
})

/** Other sentences on the same matter, for the mini model's pretraining. */
export const pretraining = patternBook({
  titles: `
  Effects of {c} on {p}.
  Inhibitors of {p}.
  The drug {c} is an agonist of {r}. => AGONIST c r
  The drug {c} inhibits {p}. => INHIBITOR c p
  Mechanisms of drug action.
  Metabolism of {c} by {e}. => SUBSTRATE c e
  `,
  stating: `
  Our results show that {c} inhibits {p}. => INHIBITOR c p
  The drug {c} is a potent inhibitor of {p}. => INHIBITOR c p
  Treatment with {c} reduced the expression of {p}. => DOWNREGULATOR c p
  Activity of {p} was suppressed by {c}. => DOWNREGULATOR c p
  Treatment with {c} increased the expression of {p}. => UPREGULATOR c p
  The drug {c} activates {p} and {p2}. => ACTIVATOR c p; ACTIVATOR c p2
  An induction of {p} was observed after {c}. => INDIRECT-UPREGULATOR c p
  In rats, {c} stimulated {p}. => ACTIVATOR c p
  The drug {c} is a selective agonist of {r}. => AGONIST c r
  Activation of {r} by the agonist {c} was dose dependent. => AGONIST c r
  The receptor {r} has the agonists {c} and {c2}. => AGONIST c r; AGONIST c2 r
  The drug {c} is a competitive antagonist of {r}. => ANTAGONIST c r
  The effect was blocked by {c}, an antagonist of {r}. => ANTAGONIST c r
  We tested the {r} antagonist {c} in mice. => ANTAGONIST c r
  The drug {c} is metabolized by {e}. => SUBSTRATE c e
  Both {c} and {c2} are substrates of {e}. => SUBSTRATE c e; SUBSTRATE c2 e
  The enzyme {e} converts {c} in liver cells. => SUBSTRATE c e
  Formation of {c} is catalyzed by {e}. => PRODUCT-OF c e
  Unlike {c}, {c2} inhibited {p}. => NOT c p; INHIBITOR c2 p
  `,
  distracting: `
  The drug {c} did not inhibit {p}. => NOT c p
  There was no effect of {c} on {p}. => NOT c p
  Patients received {c} for one week.
  The gene of {p} was sequenced.
  Expression of {p} and {p2} was measured.
  Samples contained {c} and {c2}.
  The role of {p} in {c} therapy is unknown.
  The drug {c} neither activated nor blocked {p}. => NOT c p
  `,
  framing: `
  Further work is needed.
  The experiments were repeated in mice.
  These findings need confirmation.
  `,
})
