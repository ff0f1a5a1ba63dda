import { patternBook } from "../pattern.ts"

/** Sentences about pairs of drugs, labelled with the four types of the DDI corpus, for the sample corpus. */
export const sample = patternBook({
  stating: `
  The sedative action of {c} is intensified by {c2}. => effect c c2
  Clearance of {c} falls when {c2} is added. => mechanism c c2
  Physicians should avoid giving {c} to persons on {c2}. => advise c c2
  A relevant interaction exists for {c} and {c2}. => int c c2
  Higher levels of {c} were measured in persons on {c2}. => mechanism c c2
  Use {c} carefully alongside {c2}. => advise c c2
  Taken with {c}, {c2} may cause excessive bruising. => effect c c2
  Interactions of {c} with {c2} have been described. => int c c2
  Intestinal uptake of {c} is delayed by {c2} and {c3}. => mechanism c c2; mechanism c c3
  The pain relief from {c} was weaker in the presence of {c2}. => effect c c2
  A lower starting dose of {c} is advisable during {c2} therapy. => advise c c2
  `,
  distracting: `
  Neither {c} nor {c2} altered the other drug.
  Levels of {c} stayed the same in persons on {c2}.
  Tablets of {c} should be swallowed whole.
  Both {c} and {c2} are given by mouth.
  Half of the volunteers took {c}, the rest took {c2}.
  Excretion of {c} is mainly renal.
  `,
  framing: `
  Formal trials have not been performed.
  Elderly persons need special care.
  The reason is unclear.
  `,
})

/** Other sentences on the same matter, for the mini model's pretraining. */
export const pretraining = patternBook({
  stating: `
  The drug {c} may enhance the effects of {c2}. => effect c c2
  Concurrent use of {c} and {c2} increases the risk of bleeding. => effect c c2
  The effects of {c} may be reduced by {c2}. => effect c c2
  In combination with {c}, {c2} can produce severe sedation. => effect c c2
  The drug {c} reduces the clearance of {c2}. => mechanism c c2
  Plasma concentrations of {c} are increased by {c2}. => mechanism c c2
  The drug {c} decreases the absorption of {c2} and {c3}. => mechanism c c2; mechanism c c3
  The drug {c} inhibits the metabolism of {c2}. => mechanism c c2
  Caution is advised when {c} is used with {c2}. => advise c c2
  Patients on {c} should not receive {c2}. => advise c c2
  The dose of {c} should be reduced in patients taking {c2}. => advise c c2
  The combination of {c} and {c2} should be avoided. => advise c c2
  An interaction between {c} and {c2} has been reported. => int c c2
  The drug {c} interacts with {c2}. => int c c2
  The drug {c} is known to interact with {c2} and {c3}. => int c c2; int c c3
  `,
  distracting: `
  No interaction was found between {c} and {c2}.
  The drug {c} did not change the clearance of {c2}.
  Patients received {c} or {c2}.
  The dose of {c} is given once a day.
  The drug {c} is absorbed rapidly.
  The effects of {c} with {c2} have not been studied.
  Plasma concentrations of {c} and {c2} were measured.
  `,
  framing: `
  Further work is needed.
  Patients should be monitored.
  The cause is not known.
  `,
})
