import { Effect } from "effect"
import { Progress, type SaveInterval, StageError, type StageFailure, StoreError, type Unfinished } from "redag"
import type { Checkpoint } from "../../models/checkpoints/checkpoint.ts"
import type { EncodedExample } from "../../models/training/batches.ts"
import type { TrainingOptions } from "../../models/training/trainer.ts"
import { drainUntil } from "../shared/models/drain.ts"
import { attemptModel } from "../shared/models/failures.ts"
import type { Counters } from "../shared/params/protocol.ts"
import { bestOf, counted, type Evaluated, evaluationRows, type History, isStuck, newHistory } from "./history.ts"
import { atEvaluation, atStep, evaluationNote, goesOnFrom, notSaved, stepNote } from "./messages.ts"
import { savedStateOf } from "./saved-state.ts"

/** What a training is validated by. */
export interface Validator {
  readonly fromEpoch: number
  readonly patience: number | null
  readonly counters: Counters
  /** The number of documents that are evaluated. */
  readonly documents: number
  /** Evaluates the weights as they are after an epoch; `report` is given the number of documents that are done. */
  readonly evaluate: (
    epoch: number,
    report: (done: number) => Effect.Effect<void>,
  ) => Effect.Effect<Omit<Evaluated, "epoch" | "step">, StageFailure>
}

/** A training that may have begun in an earlier execution. */
export interface Training extends Omit<TrainingOptions, "state"> {
  /** Its weights are trained in place, and in the end are those of the best evaluation, or the last ones. */
  readonly checkpoint: Checkpoint
  readonly examples: ReadonlyArray<EncodedExample>
  readonly validator: Validator | undefined
  readonly interval: SaveInterval
}

/**
 * Trains to the end, from where an earlier execution of the same action came to, and gives its whole history.
 *
 * Every evaluation stands between two stretches of training: the graphs of one are gone before the other's are made, so
 * that memory holds the larger of the two. What is made is the same, wherever it was interrupted.
 */
export const train = Effect.fnUntraced(function*(training: Training): Effect.fn.Return<
  History,
  StageFailure,
  Progress | Unfinished
> {
  const { checkpoint, examples, validator, interval, ...options } = training
  const progress = yield* Progress
  const { finetuneEncoded, initialTrainingState } = yield* Effect.promise(() =>
    import("../../models/training/trainer.ts")
  )
  const state = yield* attemptModel(() => initialTrainingState(checkpoint))
  const savedState = yield* savedStateOf(state, options.engine.name)
  const history = (yield* savedState.restore) ?? newHistory()
  const restored = state.completed
  yield* progress.made("training", history.steps, 0)
  const showEvaluations = () => progress.made("evaluations", evaluationRows(history.evaluations), 0)
  yield* showEvaluations()

  let saved = { at: performance.now(), took: 0, step: state.completed }
  const save = Effect.fnUntraced(function*(weightsAreBest: boolean) {
    const start = performance.now()
    yield* savedState.save(history, weightsAreBest).pipe(Effect.mapError(whileSaving(state.completed, saved.step)))
    const at = performance.now()
    saved = { at, took: at - start, step: state.completed }
  })
  const saveIsDue = () =>
    // On a slow disk saving takes a twentieth of the time and no more.
    performance.now() - saved.at >= Math.max(interval.seconds * 1000, 20 * saved.took)
    || state.completed - saved.step >= interval.steps

  const report = (note: string, level?: number) =>
    progress.advance({
      done: state.completed,
      total: history.planned,
      unit: "steps",
      note,
      ...(level === undefined ? {} : { level }),
    })

  let since = performance.now()
  /** Notes steps as they are made: whoever stops the training then finds a history that is as long as the training. */
  const noted = async function*(steps: ReturnType<typeof finetuneEncoded>) {
    for await (const { steps: planned, epochEnd, ...step } of steps) {
      history.planned = planned
      const seconds = (performance.now() - since) / 1000
      history.steps.push({ ...step, engine: options.engine.name })
      history.speeds.push({ step: step.step, seconds, tokensPerSecond: step.tokens / seconds })
      history.finished = step.step === planned
      if (validator !== undefined && epochEnd !== undefined && (epochEnd >= validator.fromEpoch || history.finished)) {
        history.due = epochEnd
      }
      yield
      since = performance.now()
    }
  }
  const take = Effect.fnUntraced(function*() {
    yield* progress.made("training", history.steps.slice(-1), history.steps.length - 1)
    yield* report(noteOf(history), history.steps.at(-1)?.loss)
    const stops = history.finished || history.due !== null
    if (!stops && saveIsDue()) yield* save(false)
    return stops
  })

  const evaluateDue = Effect.fnUntraced(function*(validator: Validator, epoch: number) {
    if (saved.step !== state.completed) yield* save(false)
    const evaluated = yield* validator.evaluate(
      epoch,
      (done) => report(evaluationNote(epoch, done, validator.documents)),
    ).pipe(Effect.mapError(during((message) => atEvaluation(epoch, state.completed, message))))
    const own = { epoch, step: state.completed, ...evaluated }
    history.evaluations.push(counted(validator.counters, history.evaluations, own))
    // With the next one another may be the best of them.
    yield* showEvaluations()
    history.due = null
    history.finished ||= isStuck(history.evaluations, validator.patience)
    // The state itself holds the weights of its step: they are kept apart only where training moves on.
    yield* Effect.uninterruptible(save(!history.finished && bestOf(history.evaluations)?.step === state.completed))
    yield* report(noteOf(history))
  })

  const trainOn = Effect.suspend(() => {
    const stop = new AbortController()
    const steps = finetuneEncoded({ ...options, state, model: checkpoint, examples, signal: stop.signal })
    const interrupted = Effect.suspend(() => {
      stop.abort()
      return saved.step === state.completed ? Effect.void : Effect.ignore(save(false))
    })
    since = performance.now()
    return drainUntil(noted(steps), take, interrupted)
  }).pipe(
    // The step is that of the moment of failure.
    Effect.mapError(during((message) => atStep(state.completed + 1, message))),
  )

  for (;;) {
    if (history.due !== null && validator !== undefined) yield* evaluateDue(validator, history.due)
    if (history.finished) break
    yield* trainOn
  }
  const best = bestOf(history.evaluations)
  if (best !== undefined && best.step !== state.completed) yield* savedState.takeBest
  if (restored > 0) yield* progress.count("steps of an earlier run", restored)
  return history
})

const noteOf = ({ steps, speeds, evaluations }: History): string => {
  const [step, speed, best] = [steps.at(-1), speeds.at(-1), bestOf(evaluations)]
  return stepNote(
    step?.epoch ?? 0,
    step?.loss ?? 0,
    speed?.tokensPerSecond ?? 0,
    best === undefined ? null : { f1: best.f1, epoch: best.epoch },
  )
}

/** A failure of running, with what was being done. */
const during = (at: (message: string) => string) => (error: StageFailure): StageFailure =>
  error._tag === "StageError"
    ? new StageError({ message: at(error.message), help: error.help, transient: error.transient })
    : error

const whileSaving = (step: number, last: number) => ({ message, help, path }: StoreError): StoreError =>
  new StoreError({
    path,
    message: notSaved(message, step),
    help: last === 0 ? help : goesOnFrom(help, last),
  })
