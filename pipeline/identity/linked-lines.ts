import { SourceMap, type SourceMapPayload } from "node:module"

/** The linker's map from its text to the project's sources, which it names by their paths below the project. */
export type LinkedMap = Pick<SourceMapPayload, "version" | "file" | "sources" | "sourcesContent" | "names" | "mappings">

/** Gives the source line of a line of the linked text that belongs to a module, both counted from 1. */
export const sourceLines = (map: LinkedMap): (line: number, module: string) => number => {
  const read = new SourceMap({ ...map, sourceRoot: "" })
  return (line, module) => {
    const found = read.findEntry(line - 1, 0)
    // Data that is imported has no lines in the map: what is found then is of the module before it.
    return "originalSource" in found && found.originalSource === module ? found.originalLine + 1 : 1
  }
}
