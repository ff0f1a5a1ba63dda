import { rm, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { type CorpusName, corpusNames } from "../stages/compose/corpora.ts"
import { composeBiored } from "./making/compose-biored.ts"
import { bioredFiles, type CorpusFile, corpusFiles, writeFiles } from "./making/files.ts"
import { composePortions, type PortionSizes } from "./making/portions.ts"
import { type MiniName, miniNames, tokenizerJson } from "./making/tokenizer.ts"

/** The seed of the committed corpora. */
export const corporaSeed = 1

/** Documents per portion; DCE and DDI have no development set, as the official corpora have none. */
export const corporaSizes: Readonly<Record<CorpusName, PortionSizes>> = {
  cdr: { train: 240, dev: 60, test: 100 },
  dce: { train: 300, dev: 0, test: 100 },
  chemprot: { train: 240, dev: 60, test: 80 },
  ddi: { train: 300, dev: 0, test: 60 },
}

/** The same of BioRED, whose documents the bundled models met nothing like in their pretraining. */
export const bioredSizes: PortionSizes = { train: 160, dev: 40, test: 60 }

/** The folder of the committed corpora. */
export const corporaFolder = fileURLToPath(new URL("corpora/", import.meta.url))

/** The file of a mini model's tokenizer. */
export const tokenizerFile = (name: MiniName): string =>
  fileURLToPath(new URL(`./models/${name}/tokenizer.json`, import.meta.url))

/** The files of all bundled corpora; the same seed gives the same bytes. */
export const corporaFiles = (): readonly CorpusFile[] => [
  ...corpusNames.flatMap((corpus) =>
    corpusFiles(corpus, composePortions(corpus, "sample", corporaSeed, corporaSizes[corpus]))
  ),
  ...bioredFiles(composeBiored(corporaSeed, bioredSizes)),
]

/** Writes the committed files again. Run as a script: `node bundled/make.ts`. */
export const writeBundled = async (): Promise<void> => {
  await rm(corporaFolder, { recursive: true, force: true })
  await writeFiles(corporaFolder, corporaFiles())
  for (const name of miniNames) await writeFile(tokenizerFile(name), tokenizerJson(name))
}

if (import.meta.main) await writeBundled()
