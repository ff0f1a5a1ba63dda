/** Words about files of weights, and about a model's description, that cannot be used. */

const LONGEST = 100

/** A name that a file gave: cut to 100 characters, as JSON where it is empty or not printable. */
const shown = (name: string): string => {
  const cut = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name
  return /^[\x21-\x7e…]+$/u.test(cut) ? cut : JSON.stringify(cut)
}

/** What is wrong with one thing in a file, such as a tensor or an entry of an archive. */
export const about = (name: string, reason: string): string => `${shown(name)} ${reason}`

// The description of a model.
export const missingConfig = "is not among the model's files"
export const fewerIds = (vocabulary: number, ids: number): string =>
  `${vocabulary} is less than the tokenizer's ${ids} ids`
export const otherEnd = (eosId: number, end: number | null): string =>
  `is ${eosId}, and the tokenizer ends a text with ${end ?? "nothing"}`

// Tensors that are not those of the configuration.
export const noWeightType = (name: string, dtype: string): string => `${name}: ${dtype}, which holds no weights`
export const otherShape = (name: string, found: ReadonlyArray<number>, wanted: ReadonlyArray<number>): string =>
  `${name}: [${found.join(",")}], not [${wanted.join(",")}]`

export const orNamed = (name: string, others: ReadonlyArray<string>): string =>
  others.length === 0 ? name : `${name} (or, as the same table, ${others.join(" or ")})`
export const valuesNotFinite = (name: string, count: number, value: number, at: ReadonlyArray<number>): string =>
  `${name}: ${count}, the first ${value} at [${at.join(",")}]`

// Files.
export const noWeights = (names: ReadonlyArray<string>): string => `none of ${names.join(", ")} is there`
export const cannotRead = (code: string): string => `cannot be read: ${code}`
export const notFile = "is not a file"
export const closedBefore = "is read after it was closed"
export const endsEarly = (position: number): string => `ends at byte ${position}, before its data does`
export const pointer = "is a Git LFS pointer, not the file itself; get it with `git lfs pull`"

// Indices of shards.
export const shardsMissing = (names: ReadonlyArray<string>): string =>
  `names files that are not there: ${names.slice(0, 5).map(shown).join(", ")}`
export const notInShard = (tensor: string, shard: string): string => `${shown(tensor)} is not in ${shown(shard)}`
export const indexTooLong = (size: number, most: number): string => `an index of ${size} bytes is longer than ${most}`
export const noWeightMap = "has no weight_map"
export const noFile = (tensor: string): string => `${shown(tensor)} has no file`
export const noFileName = (tensor: string, shard: string): string =>
  `${shown(tensor)} is in ${shown(shard)}, which is no file name`

// JSON.
export const notUtf8 = "is not UTF-8"
export const notJson = "is not JSON"
export const keyTwice = (key: string): string => `has the key ${JSON.stringify(key.slice(0, 100))} twice`
export const nestedDeeper = (depth: number): string => `is nested deeper than ${depth} levels`

// safetensors.
export const otherDtype = (tensor: string, dtype: string): string =>
  `${shown(tensor)} has dtype ${dtype}; only F32, F16 and BF16 are read`
export const tooFewBytes = (size: number): string => `${size} bytes are too few for a header`
export const headerClaims = (length: string, size: number): string =>
  `the header claims ${length} bytes of a file of ${size}`
export const headerTooLong = (length: string, most: number): string =>
  `a header of ${length} bytes is longer than ${most}`
export const startsElsewhere = (tensor: string, start: number, position: number): string =>
  `${shown(tensor)} starts at ${start}, not at ${position} where the data before it ends`
export const tensorsTake = (taken: number, size: number): string =>
  `the tensors take ${taken} bytes and the file holds ${size}`
export const aboutHeader = (reason: string): string => `the header ${reason}`
export const notObject = "is not an object"
export const notStrings = (key: string): string => `${key} is not an object of strings`
export const unknownDtype = (dtype: string | null): string =>
  `has the dtype ${dtype === null ? "of no text" : shown(dtype)}, which redag does not know`
export const noShape = "has no valid shape"
export const noOffsets = "has no valid data_offsets"
export const otherSize = (shape: ReadonlyArray<number>, size: number, found: number): string =>
  `of shape ${shown(`[${shape.join(",")}]`)} takes ${size} bytes, not ${found}`

// Files of torch.save.
export const notOfTorch = (pickle: string): string => `is a zip archive, but not of torch.save: no ${pickle}`
export const torchScript = "is a TorchScript archive; save the `state_dict()` of what `torch.jit.load` makes of it"
export const bigEndian = "is not of little-endian bytes"
export const pickleTooLong = (size: number, most: number): string => `a pickle of ${size} bytes is longer than ${most}`
export const noEntry = (tensor: string, key: string): string =>
  `${shown(tensor)} is not there: no entry data/${shown(key)}`
export const entrySize = (tensor: string, elements: number, dtype: string, entry: string, size: number): string =>
  `${shown(tensor)} needs ${elements} elements of ${dtype}, and ${shown(entry)} has ${size} bytes`
export const oldTorch =
  "is of a format before PyTorch 1.6; `torch.save(torch.load(path, weights_only=True), path)` renews it"
export const barePickle = "is a bare pickle, not a file of torch.save"
export const noZip = "is no zip archive, not a file of torch.save"

// State dicts.
export const noTensorParts = "the pickle makes a tensor of what is no storage, offset, size and stride"
export const noParameter = "the pickle makes a parameter of what is no tensor"
export const dictArguments = "the pickle makes an OrderedDict with arguments"
export const noStorageTuple = "a storage is not described by a tuple"
export const noStorageParts = "a storage lacks its type, key, location or size"
export const noStateDict = "holds no dict of tensors; save `model.state_dict()`"
export const keyNoName = (key: number): string => `the key ${key} is no name of a tensor`
export const noTensor = (name: string, kind: string): string =>
  `${shown(name)} is ${kind === "None" ? kind : `a ${kind}`}, no tensor; save only \`model.state_dict()\``
export const beyondStorage = (name: string, elements: number): string =>
  `${shown(name)} reaches beyond the ${elements} elements of its storage`
export const moreThanStorage = (name: string): string =>
  `${shown(name)} has more elements than its storage; save it with \`.contiguous()\``

// Pickles.
export const atByte = (reason: string, byte: number): string => `${reason} (byte ${byte})`
export const pickleLeft = "the pickle ends before all of it is used"
export const pickleSteps = (most: number): string => `the pickle takes more than ${most} steps`
export const pickleProtocol = (version: number): string => `the pickle is of protocol ${version}, not 2 to 5`
export const nameNoText = "a name is not text"
export const callsNoFunction = "the pickle calls what is no function"
export const callsWithoutArguments = "the pickle calls a function without arguments"
export const setsAttributes = "the pickle sets attributes of something other than a dict"
export const uselessOpcode = (code: number): string =>
  `the pickle uses opcode 0x${code.toString(16)}, which a dict of tensors has no use for`
export const pickleCutOff = "the pickle is cut off"
export const longInteger = "an integer has more than 53 bits"
export const textNotUtf8 = "a text is not UTF-8"
export const asksFor = (name: string): string =>
  `the pickle asks for ${shown(name)}; only tensors are read, and no code was run`
export const valueMissing = "the pickle uses a value that is not there"
export const markMissing = "the pickle lacks a mark"
export const appendsToNoList = "the pickle appends to what is no list"
export const setsInNoDict = "the pickle sets an item of what is no dict"
export const keyNoText = "a key is neither text nor a number"
export const keyWithoutValue = "a key has no value"
export const recallsNothing = "the pickle recalls a value that it did not keep"

// Zip archives.
export const entryEnds = (entry: string, size: number): string =>
  `${shown(entry)} ends at byte ${size}, before its data does`
export const entryDamaged = (entry: string): string => `${shown(entry)} is damaged: its CRC-32 is not the recorded one`
export const directoryTooLong = (size: number, most: number): string =>
  `a zip directory of ${size} bytes is longer than ${most}`
export const directoryEntryDamaged = (index: number): string => `entry ${index} of the zip directory is damaged`
export const directoryTwice = (entry: string): string => `${shown(entry)} stands twice in the zip directory`
export const directorySize = (size: number, count: number, taken: number): string =>
  `the zip directory has ${size} bytes and its ${count} entries ${taken}`
export const encrypted = "is encrypted, which torch.save does not do"
export const compressed = "is compressed, which torch.save does not do; save the file again with it"
export const twoSizes = "is stored with two sizes"
export const intoDirectory = "reaches into the zip directory"
export const directoryMissing = "the zip directory at its end is missing: the file is cut off or damaged"
export const directoryBeyond = "the zip directory reaches over its end"
export const end64Missing = "the zip64 end record is missing or damaged"
export const noHeader = "has no header before the zip directory"
export const otherHeader = "has another header than the zip directory says"
export const compressedHeader = "is compressed, which torch.save does not do"

// Defects.
export const otherLength = (tensor: string, elements: number, length: number): string =>
  `${tensor} has ${elements} elements, and the array for it ${length}`
