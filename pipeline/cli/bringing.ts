import { jsonFlag, profileFlag } from "./project.ts"
import { excludeFlag, nodesArgument } from "./selecting.ts"

/** What commands are given that bring what nodes made to a remote, or from there; `what` says what becomes of the nodes. */
export const bringing = (what: string) => ({
  selectors: nodesArgument(what),
  exclude: excludeFlag,
  profile: profileFlag,
  json: jsonFlag,
})
