/** Words about downloads from the Hugging Face Hub, and what to do where one fails. */

const elsewhere = "or name another folder with HF_HUB_CACHE"
const checkEndpoint = "check HF_ENDPOINT, and the proxy if there is one"

// Downloads.
export const interruptedDownload = "the download was interrupted"
export const startAgain = "start it again; what has come is kept"
export const otherRevision = "name another revision, or another repository"
export const later = "try again later"
export const endpointHelp = checkEndpoint
export const inRow = (message: string, failures: number): string => `${message} (${failures} attempts in a row failed)`
export const tryingAgain = (message: string, milliseconds: number): string =>
  `${message}; trying again in ${(milliseconds / 1000).toFixed(1)} s`
export const waitingFor = (file: string, repository: string): string =>
  `another process downloads ${file} of ${repository}; waiting for it`
export const corruptInCache = (file: string, repository: string): string =>
  `${file} of ${repository} is corrupt in the cache; downloading it again`
export const wrongBytes = (file: string, repository: string): string =>
  `${file} of ${repository} came with wrong bytes; downloading it again`
export const changedOnServer = (file: string, repository: string): string =>
  `${file} of ${repository} has changed on the server; asking again`
export const changesAlways = (file: string, repository: string): string =>
  `${file} of ${repository} changes all the time, though its commit is fixed`
export const otherDigest = (file: string, repository: string, digest: string): string =>
  `the bytes of ${file} of ${repository} are not those of its digest ${digest}`
export const otherDigestHelp = "check HF_ENDPOINT and the proxy, or write to the repository's owner"
export const endedEarly = (host: string, file: string, written: number, size: number): string =>
  `${host} ended ${file} after ${written} of ${size} bytes`
export const otherRange = (host: string): string => `${host} does not go on from where it was asked to`
export const notInCache = (file: string | null, revision: string, repository: string): string =>
  `${
    file === null ? "" : `${file} of `
  }revision "${revision}" of ${repository} is not in the cache, and the Hub is offline`
export const notInCacheHelp = "unset HF_HUB_OFFLINE to download it, or name the cache that holds it with HF_HUB_CACHE"
export const shardMissing = (repository: string, shard: string, index: string): string =>
  `${repository} has no file ${shard}, which its ${index} names`

// Names.
export const noRepositoryName = (repository: string): string => `"${repository}" is not the name of a repository`
export const noRepositoryNameHelp = "name it as \"organization/name\", such as \"google/flan-t5-base\""
export const noRevisionName = (revision: string): string => `"${revision}" is not a revision`
export const noRevisionNameHelp = "name a branch such as \"main\", a tag or a commit"
export const noFileName = (name: string): string => `${JSON.stringify(name)} is not the name of a file in a repository`
export const doNotTrust = "do not trust this repository or server"

// Settings.
export const noEndpoint = (text: string): string => `HF_ENDPOINT is "${text}"`
export const noEndpointHelp = (example: string): string => `set it to a server's address, such as ${example}`
export const noAmount = (name: string, text: string): string => `${name} is "${text}", which is not a number above 0`
export const noAmountHelp = (name: string, unit: string, standard: number): string =>
  `set ${name} to a number of ${unit}, or unset it: ${standard} is used then`
export const noToken = "the token of the Hub holds characters that no token has"
export const noTokenHelp = "correct HF_TOKEN"

// The files of a model.
export const fileMissing = (repository: string, file: string): string => `${repository} has no ${file}`
export const tokenizerMissing = (repository: string, files: ReadonlyArray<string>): string =>
  `${repository} has no tokenizer that is read: none of ${files.join(", ")}`
export const weightsMissing = (repository: string, files: ReadonlyArray<string>): string =>
  `${repository} has no weights that are read: neither ${files.slice(0, -1).join(", ")} nor ${files.at(-1) ?? ""}`
export const indexEmpty = (index: string, repository: string): string => `${index} of ${repository} names no files`
export const indexOfOther = (index: string, repository: string, shard: string, suffix: string): string =>
  `${index} of ${repository} names ${shard}, which is no ${suffix} file`
export const indexTooLarge = (index: string, repository: string, size: number, most: number): string =>
  `${index} of ${repository} has ${size} bytes; an index of weights has at most ${most}`
export const noIndex = (index: string, repository: string): string => `${index} of ${repository} is no index of weights`
export const unusableHelp = "name a repository of a PyTorch or safetensors model, or another revision of it"

// The network.
export const atHost = (host: string, reason: string): string => `${host}: ${reason}`
export const noByte = (seconds: number): string => `no byte came for ${seconds} s`
export const tooSlow = (bytes: number, seconds: number, rate: number): string =>
  `${bytes} bytes came in ${
    seconds.toFixed(seconds < 10 ? 1 : 0)
  } s of waiting, and ${rate} bytes a second is the least`
export const tooSlowHelp =
  "run again later, what has come is kept; or set DAG_DOWNLOAD_RATE to the bytes a second that this network has at least"
export const networkHelp =
  "check the network and HF_ENDPOINT; HF_HUB_OFFLINE=1 uses what the cache holds, NODE_USE_ENV_PROXY=1 honours a proxy"
export const redirectsWithoutEnd = (address: string): string => `${address} redirects without end`
export const redirectsNowhere = (origin: string): string => `${origin} redirects to nowhere`
export const redirectsUnencrypted = (origin: string, next: string): string =>
  `${origin} redirects to ${next}, which is not encrypted`
export const answersTooLong = (origin: string, most: number): string => `${origin} answers with more than ${most} bytes`

export const lengthUnstated = (host: string, file: string, most: number): string =>
  `${host} does not state the length of ${file}; at most ${gigabytes(most)} of it are read`
export const longerThanAllowed = (host: string, file: string, most: number): string =>
  `${host} sends more than ${gigabytes(most)} of ${file}, whose length it does not state`
export const longerThanAllowedHelp =
  "check HF_ENDPOINT and the proxy; if the file is larger, set DAG_DOWNLOAD_LIMIT to the gigabytes that it may have"

// Answers of the Hub.
export const noListing = (endpoint: string): string =>
  `${endpoint} does not list the files of a repository as the Hub does`
export const otherCommit = (endpoint: string, answered: string, asked: string, repository: string): string =>
  `${endpoint} answers for commit ${answered}, asked for ${asked} of ${repository}`
export const noDigest = (endpoint: string, file: string, repository: string): string =>
  `${endpoint} gives no digest of ${file} of ${repository}`
export const answers = (host: string, status: number, repository: string, file: string | null, said: string): string =>
  `${host} answers ${status} for ${file === null ? repository : `${file} of ${repository}`}${explained(said)}`
export const waitMinutes = "wait some minutes, or set HF_TOKEN: the Hub allows its users more"
export const repositoryMissing = (repository: string, endpoint: string): string =>
  `there is no repository ${repository} at ${endpoint}`
export const repositoryMissingHelp = "check its name; a private one needs HF_TOKEN"
export const revisionMissing = (repository: string, revision: string | null): string =>
  revision === null ? `${repository} has no such revision` : `${repository} has no revision "${revision}"`
export const revisionMissingHelp = "name one of its branches, tags or commits"
export const fileOfRepositoryMissing = (repository: string, file: string): string => `${repository} has no file ${file}`
export const gatedOrMissing = (repository: string, said: string): string =>
  `${repository} is gated or private, or there is no such repository${explained(said)}`
export const gatedOrMissingHelp =
  "check its name; if it is gated or private, set HF_TOKEN to a token of an account that may read it"
export const gated = (repository: string, said: string): string =>
  `${repository} is gated or private, and the token given may not read it${explained(said)}`
export const gatedHelp = "accept its terms on its page, or set HF_TOKEN to a token of an account that may read it"

/** What a server said itself. */
const explained = (said: string): string => said === "" ? "" : `: ${said}`

// The disk.
const rights = `make it readable and writable, ${elsewhere}`
const space = `free some space, ${elsewhere}; what has come is kept`
const inTheWay = `move that file away, ${elsewhere}`

const diskErrors: Readonly<Record<string, readonly [reason: string, help: string]>> = {
  EACCES: ["permission denied", rights],
  EPERM: ["operation not permitted", rights],
  EROFS: ["the file system is read-only", rights],
  ENOSPC: ["the disk is full", space],
  EDQUOT: ["the disk quota is used up", space],
  EFBIG: ["the file would be larger than this system allows", `raise the limit (ulimit -f), ${elsewhere}`],
  ENOTDIR: ["a part of the path is a file, not a folder", inTheWay],
  EEXIST: ["a file of that name is in the way", inTheWay],
  EISDIR: ["a folder of that name is in the way", inTheWay],
}

export const diskFailed = (path: string, verb: string, code: string, message: string): string =>
  `${path} cannot be ${verb}: ${diskErrors[code]?.[0] ?? message}`
export const diskFailedHelp = (code: string): string => diskErrors[code]?.[1] ?? `check the disk, ${elsewhere}`
export const noRegularFile = (path: string): string => `${path} is no file`
export const noRegularFileHelp = `move it away, ${elsewhere}`

/** Bytes as a user reads them. */
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`
export const noSpace = (folder: string, free: number, needed: number): string =>
  `${folder} has ${gigabytes(free)} free, and the download needs ${gigabytes(needed)}`
export const noSpaceHelp = `free some space, ${elsewhere}`
