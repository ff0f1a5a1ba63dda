import { InputError } from "../base/errors.ts"

/** The error of a node that `dag.config.ts` declares wrongly. */
export const misdeclared = (node: string, field: string, message: string, help: string): InputError =>
  new InputError({ file: "dag.config.ts", field: `${node} ${field}`, message, help })

/** Names as a help lists them. */
export const listed = (names: object): string => Object.keys(names).map((name) => `"${name}"`).join(", ") || "none"
