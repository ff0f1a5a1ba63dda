import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { ComposedDocument } from "./compose.ts"
import type { CorpusName } from "./corpora.ts"
import { composePortions, corpusNames, documentsOf } from "./corpora.ts"
import type { CorpusFile } from "./files.ts"
import { corpusFiles } from "./files.ts"

/** How many documents of each corpus are held out to watch the pretraining. */
export const heldOut = 60

/** The first `documents` documents of one task for the mini model's pretraining. */
export function* pretrainingCorpus(options: {
  readonly corpus: CorpusName
  readonly documents: number
  readonly seed: number
}): Generator<ComposedDocument> {
  const stream = documentsOf(options.corpus, "pretraining", options.seed)
  for (let count = 0; count < options.documents; count++) yield stream.next().value
}

/** The files of all four pretraining corpora: `documents` to learn from in each, and a few held out. */
export const pretrainingFiles = (
  options: { readonly documents: number; readonly seed: number },
): readonly CorpusFile[] =>
  corpusNames.flatMap((corpus) => {
    const sizes = { train: options.documents, dev: heldOut, test: heldOut }
    return corpusFiles(corpus, composePortions(corpus, "pretraining", options.seed, sizes))
  })

/** Writes files below a folder, which is made where it is missing. */
export const writeFiles = async (folder: string, files: readonly CorpusFile[]): Promise<void> => {
  for (const directory of new Set(files.map((file) => dirname(join(folder, file.path))))) {
    await mkdir(directory, { recursive: true })
  }
  for (const file of files) await writeFile(join(folder, file.path), file.text)
}
