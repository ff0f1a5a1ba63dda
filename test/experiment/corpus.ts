import { corpora, type Corpus, findCorpus } from "../../experiment/corpora.ts"
import { bundledFiles, type CorpusFiles, publishedFiles } from "../../experiment/files.ts"
import { readYaml, type YamlSchema } from "../../pipeline/graph/yaml.ts"
import { repository } from "../rig/project.ts"

/** A corpus of the experiment, which must be there. */
export const corpusOf = (id: string): Corpus => {
  const corpus = findCorpus(id)
  if (corpus === undefined) throw new Error(`no corpus "${id}"`)
  return corpus
}

const reader = { yaml: <S extends YamlSchema>(file: string, schema: S) => readYaml(repository, file, schema) }

/** The published files of a corpus, below any folder. */
export const publishedFilesOf = (id: string): CorpusFiles => publishedFiles(reader, corpusOf(id), "folder")

/** The files of all bundled corpora, below any folder. */
export const allBundledFiles = (): ReadonlyArray<CorpusFiles> =>
  corpora.flatMap((corpus) => bundledFiles(reader, corpus, "folder") ?? [])
