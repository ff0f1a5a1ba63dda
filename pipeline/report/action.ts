import type { Digest } from "../base/digest.ts"
import type { Code } from "../identity/code.ts"
import type { Lineage } from "../status/lineage.ts"
import type { ActionRecord } from "../store/record.ts"

/** What a report says of an action, on a terminal and on a page. */
export interface ActionFacts {
  readonly key: Digest
  readonly node: string
  readonly stage: string
  readonly made: ReadonlyArray<ActionRecord["outputs"][string] & { readonly name: string }>
  readonly from: ReadonlyArray<Source>
  readonly files: ActionRecord["files"]
  readonly params: Readonly<Record<string, unknown>>
  /** What the stage counted, by name. */
  readonly counts: ReadonlyArray<readonly [name: string, count: number]>
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

/** An artifact that an action took, and which action made it. */
export interface Source {
  readonly role: string
  readonly digest: Digest
  /** The action that made it; undefined where the store has no record of it. */
  readonly key: Digest | undefined
  /** Its node; undefined where it is not one of the lineage. */
  readonly node: string | undefined
}

/** The code of an action. */
export interface CodeFacts {
  readonly digest: Digest
  /** Undefined where the store has lost its description. */
  readonly description:
    | {
      /** By "module: name", the digest of each declaration. */
      readonly declarations: ReadonlyArray<readonly [declaration: string, digest: string]>
      readonly packages: ReadonlyArray<readonly [name: string, version: string]>
    }
    | undefined
}

/** The facts of each action of a lineage, in its order. */
export const actionFacts = (lineage: Lineage): ReadonlyArray<ActionFacts> => {
  const nodes = new Map(lineage.map(({ record }) => [record.key, record.node]))
  return lineage.map(({ record, code, sources }) => {
    const { key, node, preImage, outputs, files, counts, started, milliseconds, environment } = record
    const { host, platform, versions, commit, dirty } = environment
    return {
      key,
      node,
      stage: preImage.stage,
      made: Object.entries(outputs).map(([name, output]) => ({ name, ...output })),
      from: sources.map((source) => ({
        ...source,
        node: source.key === undefined ? undefined : nodes.get(source.key),
      })),
      files,
      params: preImage.params,
      counts: Object.entries(counts),
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
}

const describe = ({ parts, packages }: Code): CodeFacts["description"] => ({
  declarations: Object.entries(parts),
  packages: Object.entries(packages).map(([name, { version }]) => [name, version]),
})
