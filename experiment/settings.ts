/** How many examples a model learns from. */
interface Described {
  /** What rows and node names call it. */
  readonly id: string
  /** In a table, below the name of a corpus. */
  readonly heading: string
  /** Training documents, which a seed chooses; "full" takes all of them, and needs no seed. */
  readonly shots: number | "full"
}

/** The settings, the smallest first: the order of all tables, figures and pages. */
export const settings = [
  { id: "16", heading: "16", shots: 16 },
  { id: "64", heading: "64", shots: 64 },
  { id: "full", heading: "Full", shots: "full" },
] as const satisfies ReadonlyArray<Described>

/** One of the settings. */
export type Setting = (typeof settings)[number]

/** The id of a setting. */
export type SettingId = Setting["id"]

/** Something for each setting of few examples. */
export type PerFewShotSetting<A> = Readonly<Record<Exclude<SettingId, "full">, A>>

/** A setting in a sentence: "16-shot", "full". */
export const settingTitle = (id: string): string => (id === "full" ? id : `${id}-shot`)
