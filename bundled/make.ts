import { rm, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import type { CorpusName, PortionSizes } from "../stages/compose/corpora.ts"
import { composePortions, corpusNames } from "../stages/compose/corpora.ts"
import type { CorpusFile } from "../stages/compose/files.ts"
import { corpusFiles } from "../stages/compose/files.ts"
import { writeFiles } from "../stages/compose/pretraining.ts"
import { type MiniName, miniNames, tokenizerJson } from "../stages/compose/vocabulary.ts"

/** The seed of the committed corpora. */
export const sampleSeed = 1

/** Documents per portion; DCE and DDI have no development set, as the official corpora have none. */
export const sampleSizes: Readonly<Record<CorpusName, PortionSizes>> = {
  cdr: { train: 240, dev: 60, test: 100 },
  dce: { train: 300, dev: 0, test: 100 },
  chemprot: { train: 240, dev: 60, test: 80 },
  ddi: { train: 300, dev: 0, test: 60 },
}

/** The folder of the committed sample corpora. */
export const sampleFolder = fileURLToPath(new URL("corpora/", import.meta.url))

/** The file of a mini model's tokenizer. */
export const tokenizerFile = (name: MiniName): string =>
  fileURLToPath(new URL(`./models/${name}/tokenizer.json`, import.meta.url))

/** The files of all four sample corpora; the same seed gives the same bytes. */
export const sampleFiles = (): readonly CorpusFile[] =>
  corpusNames.flatMap((corpus) =>
    corpusFiles(corpus, composePortions(corpus, "sample", sampleSeed, sampleSizes[corpus]))
  )

/** Writes the committed files anew. Run as a script: `node bundled/make.ts`. */
export const writeSample = async (): Promise<void> => {
  await rm(sampleFolder, { recursive: true, force: true })
  await writeFiles(sampleFolder, sampleFiles())
  for (const name of miniNames) await writeFile(tokenizerFile(name), tokenizerJson(name))
}

if (import.meta.main) await writeSample()
