/** Words about regular expressions that are not matched in linear time. */

/** JavaScript's message has the whole expression before the reason. */
export const malformed = (message: string): string =>
  `is no regular expression: ${message.slice(message.lastIndexOf("/u: ") + 1).replace(/^u: /u, "")}`
export const looksAround = (part: string): string =>
  `looks ahead or behind with "${part}", which cannot be matched in linear time`
export const refersBack = (part: string): string =>
  `refers back to a group with "${part}", which cannot be matched in linear time`
export const setsFlags = (part: string): string => `sets flags with "${part}", which redag does not have`
export const namesGroup = (part: string): string => `names a group with "${part}"; write "(?:" in its place`
export const repeatsEmpty = (part: string): string =>
  `repeats with "${part}" a part that may be empty; write the part so that it takes at least one character`
export const tooManyRepetitions = (part: string, most: number): string =>
  `repeats with "${part}" more than ${most} times in all; write "*" or "+"`
export const tooLarge = (most: number): string =>
  `has more than ${most} characters once its repetitions are written out; shorten it`
export const tooDeep = (most: number): string => `has more than ${most} groups inside each other; shorten it`
