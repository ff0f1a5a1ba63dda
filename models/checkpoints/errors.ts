/** A file and what is wrong with it; the message starts with the file's name. */
class FileError extends Error {
  readonly file: string
  readonly reason: string

  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`)
    this.file = file
    this.reason = reason
  }
}

/** Weight files that are not there, do not belong together, or cannot be read from the disk. */
export class WeightFilesError extends FileError {
  readonly _tag = "WeightFilesError"
}

/** Bytes that are not a safetensors file redag can read. */
export class SafetensorsError extends FileError {
  readonly _tag = "SafetensorsError"
}

/** Bytes that are not a file of `torch.save` redag can read. */
export class TorchFileError extends FileError {
  readonly _tag = "TorchFileError"
}

/** A pickle that asks for anything but tensors, or is malformed. */
export class PickleError extends FileError {
  readonly _tag = "PickleError"
}
