import { dirname, join } from "node:path"
import { builderNow } from "./builder.ts"

const packageRoot = dirname(dirname(import.meta.dirname))

/**
 * The digest of the builder that this process has loaded. The `dag` command is bundled with the digest itself in the
 * place of this module; undefined in one that was bundled without it, which nobody can tell the sources of.
 */
export const loadedBuilder: string | undefined = import.meta.dirname === join(packageRoot, "pipeline/build")
  ? builderNow(packageRoot)
  : undefined
