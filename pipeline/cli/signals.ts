import { Cause, Effect, Exit, Fiber } from "effect"
import { constants } from "node:os"

/** What asks a command to stop: Ctrl-C, the system or a batch system, a terminal that is closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** One press of Ctrl-C may come from the terminal and from npx too, within so many milliseconds. */
const ONE_PRESS = 300

/**
 * Runs a command to its end, which a signal interrupts: what runs then may save what it has done. A second signal ends
 * the process at once, and its workers with it, where `atOnce`.
 *
 * Gives the exit, and the exit code of the signal that interrupted it: 130 after SIGINT, 143 after SIGTERM.
 */
export const runInterruptibly = async <A, E>(
  command: Effect.Effect<A, E>,
  atOnce: boolean,
): Promise<{ readonly exit: Exit.Exit<A, E>; readonly code: number }> => {
  const fiber = Effect.runFork(command)
  let first: { readonly code: number; readonly at: number } | undefined
  const interrupt = (signal: NodeJS.Signals) => {
    if (first !== undefined) {
      if (atOnce && performance.now() - first.at > ONE_PRESS) process.exit(first.code)
      return
    }
    first = { code: 128 + constants.signals[signal], at: performance.now() }
    fiber.interruptUnsafe()
  }
  for (const signal of signals) process.on(signal, interrupt)
  const exit = await Effect.runPromise(Fiber.await(fiber))
  for (const signal of signals) process.off(signal, interrupt)
  return { exit, code: first?.code ?? 128 + constants.signals.SIGINT }
}

/**
 * Calls `say` as soon as Ctrl-C or the system asks to stop, once, as long as the scope lasts: what runs may take its time
 * to save what it has done. A terminal that is closed has nobody to read.
 */
export const onStopping = (say: () => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      let isSaid = false
      const listener = () => {
        if (isSaid) return
        isSaid = true
        say()
      }
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, listener)
      return listener
    }),
    (listener) =>
      Effect.sync(() => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, listener)
      }),
  )

/** Whether a command ended because it was interrupted, and for nothing else. */
export const isInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
