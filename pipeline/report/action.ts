import type { Digest } from "../base/digest.ts"
import type { Code } from "../identity/code.ts"
import type { Ancestor, Lineage, Source } from "../status/lineage.ts"
import type { ActionRecord } from "../store/record.ts"

/** What a report says of an action, on a terminal and on a page. */
export interface ActionFacts {
  /** By which the sources of others name it. */
  readonly id: string
  readonly key: Digest
  /** The name of its node, that of long ago where no node of the graph stands for it now. */
  readonly node: string
  /** Whether a node of the graph stands for it now. */
  readonly isCurrent: boolean
  readonly ranAs: Ancestor["ranAs"]
  readonly accepted: Ancestor["accepted"]
  readonly stage: string
  readonly made: ReadonlyArray<ActionRecord["outputs"][string] & { readonly name: string }>
  readonly from: ReadonlyArray<Source>
  readonly files: ActionRecord["files"]
  readonly params: Readonly<Record<string, unknown>>
  /** What the stage counted, by name. */
  readonly counts: ReadonlyArray<readonly [name: string, count: number]>
  /** What was suspicious in what the stage was given, a sentence each. */
  readonly warnings: ReadonlyArray<string>
  readonly code: CodeFacts
  readonly ran: {
    /** When it started, as ISO 8601 writes it. */
    readonly started: string
    readonly milliseconds: number
    readonly host: string
    readonly platform: string
    /** The version of Node. */
    readonly version: string
    /** The project's commit, and whether files differed from it; undefined outside git. */
    readonly commit: { readonly digest: string; readonly dirty: boolean } | undefined
  }
}

/** The code of an action. */
export interface CodeFacts {
  readonly digest: Digest
  /** Undefined where its description is gone from the store or damaged. */
  readonly description:
    | {
      /** By "module: name", the digest of each declaration. */
      readonly declarations: ReadonlyArray<readonly [declaration: string, digest: string]>
      readonly packages: ReadonlyArray<readonly [name: string, version: string]>
    }
    | undefined
}

/** The facts of each action of a lineage, in its order. */
export const actionFacts = (lineage: Lineage): ReadonlyArray<ActionFacts> =>
  lineage.map(({ id, node, ranAs, accepted, record, code, sources }) => {
    const { key, preImage, outputs, files, counts, warnings = [], started, milliseconds, environment } = record
    const { host, platform, versions, commit, dirty } = environment
    return {
      id,
      key,
      node: node ?? record.node,
      isCurrent: node !== undefined,
      ranAs,
      accepted,
      stage: preImage.stage,
      made: Object.entries(outputs).map(([name, output]) => ({ name, ...output })),
      from: sources,
      files,
      params: preImage.params,
      counts: Object.entries(counts),
      warnings,
      code: { digest: preImage.code, description: code === undefined ? undefined : describe(code) },
      ran: {
        started,
        milliseconds,
        host,
        platform,
        version: versions["node"] ?? "unknown",
        commit: commit === null ? undefined : { digest: commit, dirty },
      },
    }
  })

const describe = ({ parts, packages }: Code): CodeFacts["description"] => ({
  declarations: Object.entries(parts),
  packages: Object.entries(packages).map(([name, { version }]) => [name, version]),
})
