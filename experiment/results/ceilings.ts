import { columns, paint } from "redag"
import type { Ceiling } from "../../schemas/ceilings.ts"
import { corpusIdsIn, corpusTitle } from "../corpora.ts"
import { flags, marksOf, superscript } from "./words.ts"

/** What a step is called beside how many relations it loses, and what that means. */
const causes = [
  ["lostToTemplate", "template", "the words of a clause stand in a name, or two relations read alike"],
  ["lostToTokenizer", "tokenizer", "the model's tokens cannot write the text"],
  ["lostToTargetLength", "target", "the text is longer than the model may write"],
  ["lostToSourceLength", "source", "an argument is named only where the source is cut off"],
  ["lostToDecoding", "decoding", "the model's decoding forbids the text"],
  ["lostToSurroundings", "around", "the prompt before the text, or words that run on after it, spoil a relation"],
] as const

const WIDTH = 100
const NAMES = 22
/** Three ratios, the count of gold relations, and the space between all columns. */
const NUMBERS = 31

/** Items between commas, in lines of about a width. */
const wrapped = (items: ReadonlyArray<string>, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const [index, item] of items.entries()) {
    const text = index === items.length - 1 ? item : `${item},`
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + text.length > width) lines.push(text)
    else lines[lines.length - 1] = `${last} ${text}`
  }
  return lines
}

const amount = (count: number): string => (Number.isInteger(count) ? String(count) : count.toFixed(1))

/** The content of a row, whatever the model and the protocol; rows with the same content are shown once. */
const contentOf = (row: Ceiling): string => JSON.stringify({ ...row, corpus: "", model: "", protocol: "" })

const lossesOf = (row: Ceiling): ReadonlyArray<string> =>
  causes.flatMap(([field, word]) => (row[field] > 0.05 ? [{ lost: row[field], word }] : []))
    .toSorted((a, b) => b.lost - a.lost)
    .map(({ lost, word }) => `${amount(lost)} ${word}`)

const percent = (ratio: number): string => (ratio * 100).toFixed(1)

/** One line of rows that say the same, which may go on below. */
const linesOf = (
  protocol: string,
  rows: ReadonlyArray<Ceiling>,
  everyone: number,
  room: number,
  hang: number,
): ReadonlyArray<ReadonlyArray<string>> => {
  const [row] = rows
  if (row === undefined) return []
  const models = rows.length === everyone && everyone > 1 ? ["all"] : wrapped(rows.map(({ model }) => model), NAMES)
  const losses = wrapped(lossesOf(row), room)
  const [precision = "", recall = "", f1 = ""] = [row.precision, row.recall, row.f1].map(percent)
  const numbers = [precision, recall, `${f1}${superscript(marksOf(row)).padEnd(hang)}`]
  return Array.from({ length: Math.max(models.length, losses.length, 1) }, (_, index) => [
    index === 0 ? protocol : "",
    models[index] ?? "",
    ...(index === 0 ? [...numbers, amount(row.gold)] : ["", "", "", ""]),
    losses[index] ?? (index === 0 ? "–" : ""),
  ])
}

/** "paper + prompt-kept" is shown as "+ prompt-kept", and an official evaluation by its name. */
const protocolTitle = ({ protocol, measure }: Ceiling): string =>
  measure === "strict" ? protocol.replace(/^paper \+ /u, "+ ") : `${protocol}: ${measure}`

const renderCorpus = (corpus: string, rows: ReadonlyArray<Ceiling>): string => {
  const paper = new Map(rows.filter(({ protocol }) => protocol === "paper").map((row) => [row.model, contentOf(row)]))
  const isDeparture = ({ protocol }: Ceiling): boolean => protocol.startsWith("paper + ")
  const titles = Map.groupBy(rows, protocolTitle)
  const everyone = new Set(rows.map(({ model }) => model)).size
  // Marks hang, so that the digits of F1 stand below each other.
  const hang = Math.max(0, ...rows.map((row) => marksOf(row).length))
  const room = WIDTH - NUMBERS - hang - NAMES - Math.max(...[...titles.keys()].map((title) => title.length))
  const lines: Array<ReadonlyArray<string>> = []
  const unmoved: Array<string> = []
  for (const [title, all] of titles) {
    const moved = all.filter((row) => !isDeparture(row) || paper.get(row.model) !== contentOf(row))
    if (moved.length === 0) unmoved.push(title.replace(/^\+ /u, ""))
    for (const [index, same] of [...Map.groupBy(moved, contentOf).values()].entries()) {
      lines.push(...linesOf(index === 0 ? title : "", same, everyone, room, hang))
    }
  }
  const heading = paint.bold(corpusTitle(corpus))
  const table = columns(["protocol", "models", ">P", ">R", `>F1${" ".repeat(hang)}`, ">gold", "lost to"], lines)
  const note = unmoved.length === 0
    ? []
    : wrapped([`Without any effect: ${unmoved[0] ?? ""}`, ...unmoved.slice(1)], WIDTH)
  return [heading, table, ...note.map((line) => paint.dim(line))].join("\n")
}

/** The ceilings as a table: what the best possible generator scores, and at which step what it lacks is lost. */
export const renderCeilings = (rows: ReadonlyArray<Ceiling>): string => {
  const corpora = corpusIdsIn(rows).map((id) => renderCorpus(id, rows.filter(({ corpus }) => corpus === id)))
  const notes = [
    "What a generator that makes no mistake scores, in percent. A line that begins with + is the paper's",
    "protocol with one departure of the authors' code, for the models that it makes a difference to.",
    ...(rows.some(({ recall }) => recall > 1)
      ? ["A recall over 100 counts one gold relation for each of its names."]
      : []),
    "Lost to, with how many gold relations:",
    ...causes.map(([, word, meaning]) => `  ${word.padEnd(9)}  ${meaning}`),
    ...flags.filter(({ flag }) => rows.some((row) => row.flags.some((own) => own === flag)))
      .map(({ mark, meaning }) => `${superscript(mark)} ${meaning}`),
  ]
  return [...corpora, notes.map((line) => paint.dim(line)).join("\n")].join("\n\n")
}
