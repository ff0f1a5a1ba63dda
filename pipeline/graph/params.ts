import { Result, Schema } from "effect"
import { canonical } from "../base/canonical.ts"
import { InputError } from "../base/errors.ts"
import { checker, fieldName } from "../base/validation.ts"
import type { Node, RunnableStage } from "./node.ts"
import { originOf } from "./origin.ts"
import { checkedResources } from "./resources.ts"
import type { Resources } from "./stage.ts"

/** What follows from params alone. */
interface Resolved extends Pick<Node, "params" | "resources" | "options"> {
  /** The params as they were declared, in canonical JSON; undefined where that cannot hold them exactly. */
  readonly text: string | undefined
  /** Whether the stage takes the params as they were declared, and no options follow from them. */
  readonly isAsDeclared: boolean
}

/** What a stage makes of params: the same params come back hundreds of times in a grid, so each is worked out once. */
interface Resolver {
  readonly check: ReturnType<typeof checker<Schema.Codec<object, object>>>
  readonly encode: (params: object) => object
  readonly known: Map<string, Resolved>
}
const resolvers = new WeakMap<RunnableStage, Resolver>()
const resolverOf = (stage: RunnableStage): Resolver => {
  const resolver = resolvers.get(stage)
    ?? { check: checker(stage.params, { excess: "error" }), encode: Schema.encodeSync(stage.params), known: new Map() }
  resolvers.set(stage, resolver)
  return resolver
}

/** The params as text, or undefined where no text holds them exactly; such params are checked each time. */
const textOf = (params: object): string | undefined => {
  try {
    return canonical(params)
  } catch {
    return undefined
  }
}

/** What a function of a stage's declaration gives; a throw of its is a mistake in the stage. */
const declaredBy = <A>({ name }: RunnableStage, node: string, field: string, call: () => A): A => {
  try {
    return call()
  } catch (cause) {
    throw new InputError({
      file: `stages/${name}/stage.ts`,
      field,
      message: `throws for the params of ${node}: ${cause instanceof Error ? cause.message : String(cause)}`,
      help: "fix it, or let the schema of params refuse such params",
    })
  }
}

/** The params of a node in their encoded form, what it needs and what code it takes; throws an InputError that names the field. */
export const checkedParams = (
  stage: RunnableStage,
  node: string,
  params: object,
  resources: Partial<Resources> = {},
): Resolved => {
  const { check, encode, known } = resolverOf(stage)
  const text = textOf(params)
  const before = text === undefined ? undefined : known.get(text)
  if (before !== undefined) {
    return { ...before, resources: checkedResources(node, { ...before.resources, ...resources }) }
  }
  const checked = check(params)
  if (Result.isSuccess(checked)) {
    const encoded = encode(checked.success)
    const options = declaredBy(stage, node, "uses", () => stage.uses(checked.success))
    const resolved = {
      params: encoded,
      resources: declaredBy(stage, node, "resources", () => stage.resources(checked.success)),
      options,
      text,
      isAsDeclared: text !== undefined && Object.keys(options).length === 0 && text === textOf(encoded),
    }
    if (text !== undefined) known.set(text, resolved)
    return { ...resolved, resources: checkedResources(node, { ...resolved.resources, ...resources }) }
  }
  const { path, message } = checked.failure
  const origin = originOf(params, path)
  throw new InputError({
    file: origin?.file ?? "dag.config.ts",
    ...(origin === undefined ? {} : { line: origin.line }),
    field: `${node} params.${fieldName(path)}`,
    message,
    help: `fix the param; stage "${stage.name}" declares its params in stages/${stage.name}/stage.ts`,
  })
}
