import { bytes, number } from "../../base/text.ts"
import { columns } from "../../report/terminal.ts"
import type { Removal } from "../../store/gc/remove.ts"
import { nameText } from "./findings.ts"

/** What goes, by node and kind; what belongs to no node by its name. */
export const removedText = (
  removed: ReadonlyArray<Pick<Removal, "kind" | "node" | "path" | "why" | "bytes">>,
): string => {
  const groups = Map.groupBy(removed, ({ kind, node, path, why }) => JSON.stringify([node ?? path, kind, why]))
  return columns(
    ["what", "kind", ">files", ">size", "why"],
    [...groups.values()].map((own) => {
      const [first] = own
      return [
        nameText(first?.node ?? first?.path ?? ""),
        first?.kind ?? "",
        number(own.length),
        bytes(own.reduce((sum, each) => sum + each.bytes, 0)),
        first?.why ?? "",
      ]
    }),
  )
}
