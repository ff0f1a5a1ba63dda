import { Effect } from "effect"

/**
 * Modules of which a stage's params take some: readers by format, architectures by name.
 *
 * The program of a node holds only the options that its stage's `uses` names, so an edit in one of the others does not
 * run it again.
 */
export interface Choice<Options extends Readonly<Record<string, () => Promise<unknown>>>> {
  readonly name: string
  /** The options that this program holds. */
  readonly options: ReadonlyArray<keyof Options & string>
  /** Loads the module of an option. An option that the program does not hold is a defect of the stage's `uses`. */
  readonly load: <Option extends keyof Options>(option: Option) => Effect.Effect<Awaited<ReturnType<Options[Option]>>>
}

/** Declares a choice. Options are written as `() => import("./module.ts")`, from which a program is cut. */
export const choice = <const Options extends Readonly<Record<string, () => Promise<unknown>>>>(
  name: string,
  options: Options,
): Choice<Options> => ({
  name,
  // In one order, whichever they are written in.
  options: Object.keys(options).sort(),
  load: (option) =>
    Effect.promise(() => {
      const load = options[option]
      if (load === undefined) throw new Error(`this program holds no ${name} "${String(option)}"`)
      return load() as Promise<never>
    }),
})
