import { isAbsolute, join } from "node:path"

/** A folder that an environment variable names, below the project where it is relative; undefined where it is not set. */
const folderNamed = (root: string, variable: string): string | undefined => {
  const named = process.env[variable] ?? ""
  if (named === "") return undefined
  return isAbsolute(named) ? named : join(root, named)
}

/** Where the published corpora are. */
export const corporaFolder = (root: string): string => folderNamed(root, "DAG_CORPORA") ?? join(root, "corpora")

/** Where the paper's models are; undefined where they come from the Hugging Face Hub. */
export const modelsFolder = (root: string): string | undefined => folderNamed(root, "DAG_MODELS")
