import type { Exit } from "effect"
import type { Digest } from "../base/digest.ts"
import type { DagError } from "../base/errors.ts"
import type { Node } from "../graph/node.ts"
import type { JobPlace } from "../store/batch.ts"
import type { ActionRecord } from "../store/record.ts"
import type { Again } from "./forced.ts"
import type { Action } from "./transition.ts"

/** What the run is to take note of. */
export type Completion =
  /** An execution ended. */
  | {
    readonly _tag: "Ended"
    readonly node: Node
    readonly key: Digest
    readonly exit: Exit.Exit<ActionRecord, DagError>
    readonly again: Again | undefined
    /** The job that it was in, where a batch system executed it. */
    readonly job?: JobPlace | undefined
  }
  /** An execution failed in a way that another may not. */
  | {
    readonly _tag: "Retry"
    readonly node: Node
    readonly action: Action
    readonly exit: Exit.Exit<ActionRecord, DagError>
    readonly job?: JobPlace | undefined
  }
  /** An execution was given back before it began: it is ready again. */
  | { readonly _tag: "NotBegun"; readonly node: Node; readonly action: Action }
  /** Another run recorded the action that was to be executed. */
  | { readonly _tag: "Found"; readonly node: Node; readonly record: ActionRecord }
  /** This process was taken for dead, and another may execute the action. */
  | { readonly _tag: "Lost"; readonly node: Node; readonly action: Action }
  /** It is time to look at what is executed elsewhere; `of` tells watches apart. */
  | { readonly _tag: "Look"; readonly of: number }
  /** What an earlier run began has ended, and gave back what it held. */
  | { readonly _tag: "Room" }
