import { HubError } from "./errors.ts"
import {
  doNotTrust,
  noFileName,
  noRepositoryName,
  noRepositoryNameHelp,
  noRevisionName,
  noRevisionNameHelp,
} from "./messages.ts"

// The rules of the Hub's own client: https://huggingface.co/docs/huggingface_hub/package_reference/utilities
const PART = /^\w(?:[\w.-]{0,94}\w)?$/u

/** Throws `HubError` unless it is "name" or "organization/name". */
export const checkRepository = (repository: string): void => {
  const parts = repository.split("/")
  const valid = parts.length <= 2 && parts.every((part) => PART.test(part))
  if (!valid || /--|\.\.|\.git$/u.test(repository)) {
    throw new HubError(
      "option",
      noRepositoryName(repository),
      noRepositoryNameHelp,
    )
  }
}

/** Throws `HubError` unless git would take it as the name of a branch, a tag or a commit. */
export const checkRevision = (revision: string): void => {
  const parts = revision.split("/")
  const valid = parts.every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"))
  if (!valid || /\.\.|@\{|[\s~^:?*[\\\p{Cc}]|^-|\.$/u.test(revision)) {
    throw new HubError("option", noRevisionName(revision), noRevisionNameHelp)
  }
}

/** Whether a revision is a full commit, which always names the same files. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/u.test(revision)

/** Throws `HubError` unless a file's name from the network stays inside the folder that it is put into. */
export const checkFileName = (name: string): void => {
  const inside = name.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  if (!inside || /[\\:\p{Cc}]/u.test(name)) {
    throw new HubError(
      "protocol",
      noFileName(name),
      doNotTrust,
    )
  }
}
