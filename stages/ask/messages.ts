/** The words of what can go wrong between a stage and an endpoint. None of them may hold a key. */

export const addressHolds =
  "an address of http or https without user name, password, query and fragment: a key belongs in the environment variable that `account` names"
export const reservedParameters = (names: ReadonlyArray<string>): string =>
  `no parameter that has a field of its own or that one answer to each prompt rules out: ${names.join(", ")}`
export const accountHolds =
  "the name of an environment variable in capitals, digits and \"_\", which holds the key: the key itself stands in no file"
export const secretParameters =
  "no parameter that is called as a key of an account is: such a key belongs in the environment variable that `account` names"
export const needsPrice = "a price beside maxCost: without one, nobody knows what an answer costs"

export const keyNotSet = (address: string): string => `is not set, and holds the key of the account at ${address}`
export const keyNotSetHelp = (variable: string): string =>
  `export ${variable} with the key, or leave account out where the endpoint wants none`
export const keyUnusable = (shortest: number): string =>
  `does not hold a key: one has ${shortest} characters or more, without blanks and line ends`
export const keyUnusableHelp = "copy the key again"
export const keyUnencrypted = (address: string): string => `holds a key, which would be sent unencrypted to ${address}`
export const keyUnencryptedHelp = "use an address of https, or leave account out"

export const endpointSays = (status: number, words: string): string =>
  words === "" ? `the endpoint answers ${status}` : `the endpoint answers ${status}: ${words}`
export const refusesKey = (status: number, words: string): string =>
  `holds a key that the endpoint refuses: ${endpointSays(status, words)}`
export const refusesKeyHelp = "set the key of an account that may use the model"
export const redirects = (status: number): string => `the endpoint answers ${status}, which leads to another address`
export const redirectsHelp = "use the address that it leads to, if you trust it: no key is sent there by itself"
export const refusesHelp = "fix what the endpoint names, and run again: the answers that came are kept"
export const noConnection = (reason: string): string => `no answer came: ${reason}`
export const notInTime = (seconds: number): string => `no answer came within ${seconds} seconds`
export const tooLong = (megabytes: number): string => `the answer has more than ${megabytes} MB`
export const notAnAnswer = (words: string): string =>
  words === "" ? "the answer is empty" : `the answer is none of a language model, or has no choice: ${words}`
export const afterAttempts = (message: string, attempts: number): string => `${message} (${attempts} times in a row)`
export const asksForLong = (message: string, seconds: number): string =>
  `${message}; it asks to wait for ${seconds.toLocaleString("en")} seconds`
export const laterHelp = "run again later: the answers that came are kept, and only the others are asked for"
export const unreadableHelp =
  "fix address, api and model where they are not those of this endpoint; such answers are kept in replies/ of the store and counted at the most that they may cost"
export const forDocument = (message: string, document: string): string => `${message} (document ${document})`
export const waits = (message: string, seconds: number): string => `${message}; tries again in ${seconds} s`

export const overBudget = (
  { maxCost, spent, left, next }: {
    readonly maxCost: number
    readonly spent: number
    readonly left: number
    readonly next: number
  },
): string =>
  `the answers cost ${spent} so far, and one more may cost ${next}: more than the maxCost of ${maxCost}; ${left} of the prompts were not sent`
export const overBudgetHelp = "raise maxCost and run again: only what was not sent is asked for"

export const notSent = (documents: ReadonlyArray<string>): string =>
  `the prompt is too long, and was not sent, for ${
    documents.length === 1 ? "this document" : "these documents"
  }, which count as without an answer: ${documents.join(", ")}`
