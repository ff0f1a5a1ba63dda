import { misshapen, ofGradient } from "./messages.ts"

/** An op that was given shapes or attributes it cannot take, named with the place in the model that asked for it. */
export class ShapeError extends Error {
  readonly _tag = "ShapeError"
  readonly op: string
  /** What each input is and its shape, such as `encoder.final_layer_norm.weight [64]`. */
  readonly inputs: readonly string[]
  /** The model's own name for the place, such as `encoder.block.0.layer.0.SelfAttention`. */
  readonly scope: string
  readonly reason: string

  constructor(op: string, inputs: readonly string[], scope: string, reason: string) {
    super(misshapen(op, inputs, scope, reason))
    this.op = op
    this.inputs = inputs
    this.scope = scope
    this.reason = reason
  }
}

/** A derivative that does not exist: no path from the loss, or an op that has no gradient on the path. */
export class GradientError extends Error {
  readonly _tag = "GradientError"
  readonly of: string
  readonly reason: string

  constructor(of: string, reason: string) {
    super(ofGradient(of, reason))
    this.of = of
    this.reason = reason
  }
}
