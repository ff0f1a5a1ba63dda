/** White space as Python's `str.isspace` has it, as the inside of a regular expression's character class. */
export const PYTHON_SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"

/** Runs of white space. */
export const PYTHON_SPACES = new RegExp(`[${PYTHON_SPACE}]+`, "gu")

/** What is between white space, as Python's `str.split` gives it. */
export const pythonSplit = (text: string): readonly string[] => text.split(PYTHON_SPACES).filter((word) => word !== "")
