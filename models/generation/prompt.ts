import type { Tokenizer } from "../tokenizers/tokenizer.ts"

/**
 * How a prompt reads in front of the text that a model wrote behind it: the beginning of what prompt and output read as
 * together, so that a blank which a tokenizer writes between them, and at the start of no text, is the prompt's last.
 */
export const promptBefore = (
  tokenizer: Tokenizer,
  prompt: readonly number[],
  output: readonly number[],
): string => {
  const [whole, text] = [tokenizer.decode([...prompt, ...output]), tokenizer.decode(output)]
  if (whole.endsWith(text)) return whole.slice(0, whole.length - text.length)
  // The last character of the one and the first of the other have become another.
  const alone = tokenizer.decode(prompt)
  return whole.startsWith(`${alone} `) ? `${alone} ` : alone
}
