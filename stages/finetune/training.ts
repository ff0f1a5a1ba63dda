import { Effect } from "effect"
import { Progress, StageError, type StageFailure, StoreError, type Unfinished } from "redag"
import type { Checkpoint } from "../../models/checkpoints/checkpoint.ts"
import type { EncodedExample } from "../../models/training/batches.ts"
import type { TrainingOptions, TrainingStep } from "../../models/training/trainer.ts"
import { attemptModel, drainUntil } from "../shared/models/failures.ts"
import type { Counters } from "../shared/params/protocol.ts"
import { bestOf, counted, type Course, type Evaluated, isStuck, newCourse } from "./history.ts"
import type { Pace } from "./save-interval.ts"
import { keeperOf } from "./saved-state.ts"

/** What a training is validated by. */
export interface Validator {
  readonly fromEpoch: number
  readonly patience: number | null
  readonly counters: Counters
  /** Evaluates the weights as they are after an epoch; `tell` hears how far it is, in a few words. */
  readonly evaluate: (
    epoch: number,
    tell: (note: string) => Effect.Effect<void>,
  ) => Effect.Effect<Omit<Evaluated, "epoch" | "step">, StageFailure>
}

/** A training that may have begun in an earlier execution. */
export interface Training extends Omit<TrainingOptions, "state"> {
  /** Its weights are trained in place, and in the end are those of the best evaluation, or the last ones. */
  readonly checkpoint: Checkpoint
  readonly examples: ReadonlyArray<EncodedExample>
  readonly validator: Validator | undefined
  readonly pace: Pace
}

/**
 * Trains to the end, from where an earlier execution of the same action came to, and tells its whole course.
 *
 * Every evaluation stands between two stretches of training: the graphs of one are gone before the other's are made, so
 * that memory holds the larger of the two. What is made is the same, wherever it was interrupted.
 */
export const train = Effect.fnUntraced(function*(training: Training): Effect.fn.Return<
  Course,
  StageFailure,
  Progress | Unfinished
> {
  const { checkpoint, examples, validator, pace, ...options } = training
  const progress = yield* Progress
  const { finetuneEncoded, initialTrainingState } = yield* Effect.promise(() =>
    import("../../models/training/trainer.ts")
  )
  const state = yield* attemptModel(() => initialTrainingState(checkpoint))
  const keeper = yield* keeperOf(state, options.engine.name)
  const course = (yield* keeper.restore) ?? newCourse()
  const restored = state.completed

  let saved = { at: performance.now(), took: 0, step: state.completed }
  const save = Effect.fnUntraced(function*(weightsAreBest: boolean) {
    const start = performance.now()
    yield* keeper.save(course, weightsAreBest).pipe(Effect.mapError(notSaved(state.completed, saved.step)))
    const at = performance.now()
    saved = { at, took: at - start, step: state.completed }
  })
  const saveIsDue = () =>
    // On a slow disk saving takes a twentieth of the time and no more.
    performance.now() - saved.at >= Math.max(pace.seconds * 1000, 20 * saved.took)
    || state.completed - saved.step >= pace.steps

  const tell = (note: string) => progress.advance({ done: state.completed, total: course.planned, unit: "steps", note })

  let since = performance.now()
  const take = Effect.fnUntraced(function*({ steps, epochEnd, ...step }: TrainingStep) {
    course.planned = steps
    const seconds = (performance.now() - since) / 1000
    course.steps.push({ ...step, engine: options.engine.name })
    course.speeds.push({ step: step.step, seconds, tokensPerSecond: step.tokens / seconds })
    course.finished = step.step === steps
    if (validator !== undefined && epochEnd !== undefined && (epochEnd >= validator.fromEpoch || course.finished)) {
      course.due = epochEnd
    }
    yield* tell(noteOf(course))
    const stops = course.finished || course.due !== null
    if (!stops && saveIsDue()) yield* save(false)
    since = performance.now()
    return stops
  })

  const evaluateDue = Effect.fnUntraced(function*(validator: Validator, epoch: number) {
    if (saved.step !== state.completed) yield* save(false)
    const evaluated = yield* validator.evaluate(epoch, (note) => tell(`evaluating epoch ${epoch}: ${note}`)).pipe(
      Effect.mapError(during(`evaluating epoch ${epoch}, after step ${state.completed}`)),
    )
    const own = { epoch, step: state.completed, ...evaluated }
    course.evaluations.push(counted(validator.counters, course.evaluations, own))
    course.due = null
    course.finished ||= isStuck(course.evaluations, validator.patience)
    // The state itself holds the weights of its step: they are kept apart only where training moves on.
    yield* save(!course.finished && bestOf(course.evaluations)?.step === state.completed)
    yield* tell(noteOf(course))
  })

  for (;;) {
    if (course.due !== null && validator !== undefined) yield* evaluateDue(validator, course.due)
    if (course.finished) break
    since = performance.now()
    yield* drainUntil(finetuneEncoded({ ...options, state, model: checkpoint, examples }), take).pipe(
      // The step is that of the moment of failure.
      Effect.mapError((error) => during(`step ${state.completed + 1}`)(error)),
    )
  }
  const best = bestOf(course.evaluations)
  if (best !== undefined && best.step !== state.completed) yield* keeper.takeBest
  if (restored > 0) yield* progress.count("steps of an earlier run", restored)
  return course
})

const noteOf = ({ steps, speeds, evaluations }: Course): string => {
  const [step, speed, best] = [steps.at(-1), speeds.at(-1), bestOf(evaluations)]
  return [
    `epoch ${(step?.epoch ?? 0).toFixed(1)}`,
    `loss ${(step?.loss ?? 0).toFixed(3)}`,
    `${Math.round(speed?.tokensPerSecond ?? 0)} tokens/s`,
    ...(best === undefined ? [] : [`best F1 ${(best.f1 * 100).toFixed(1)} in epoch ${best.epoch}`]),
  ].join(", ")
}

/** A failure with what was being done, unless it says so itself. */
const during = (what: string) => (error: StageFailure): StageFailure =>
  error._tag === "StageError" && !error.message.startsWith("step ")
    ? new StageError({ message: `${what}: ${error.message}`, help: error.help, transient: error.transient })
    : error

const notSaved = (step: number, last: number) => ({ message, help, path }: StoreError): StoreError =>
  new StoreError({
    path,
    message: `${message} (to keep step ${step} of the training)`,
    help: last === 0 ? help : `${help}; training goes on from step ${last}`,
  })
