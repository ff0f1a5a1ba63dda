import { crc32 } from "node:zlib"

// Files like those of torch.save, so that tests can make ones that torch would not, and benchmarks large ones.

/** A tensor as a pickle tells of it; `storage` is the type's name in torch, `key` its entry in the archive. */
export interface PickledTensor {
  readonly name: string
  readonly storage: string
  readonly key: string
  readonly elements: number
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

const uint32 = (value: number): readonly number[] => [...new Uint8Array(Uint32Array.of(value).buffer)]
const text = (value: string): readonly number[] => {
  const bytes = new TextEncoder().encode(value)
  return [0x58, ...uint32(bytes.length), ...bytes]
}

/** The opcodes of a pickle, each as its bytes. */
export const op = {
  protocol: (version: number): readonly number[] => [0x80, version],
  mark: [0x28],
  text,
  integer: (value: number): readonly number[] => [0x4a, ...uint32(value)],
  global: (module: string, name: string): readonly number[] => [
    0x63,
    ...new TextEncoder().encode(`${module}\n${name}\n`),
  ],
  tuple: [0x74],
  reduce: [0x52],
  persistent: [0x51],
  emptyDict: [0x7d],
  emptyTuple: [0x29],
  emptyList: [0x5d],
  setItem: [0x73],
  setItems: [0x75],
  false: [0x89],
  stop: [0x2e],
} as const

/** The tuple of some values, each given as its opcodes. */
export const tuple = (...items: readonly (readonly number[])[]): readonly number[] => [
  ...op.mark,
  ...items.flat(),
  ...op.tuple,
]

/** The opcodes that leave a tensor on the stack. */
export const tensorOps = ({ storage, key, elements, offset, shape, strides }: PickledTensor): readonly number[] => [
  ...op.global("torch._utils", "_rebuild_tensor_v2"),
  ...tuple(
    [
      ...tuple(
        op.text("storage"),
        op.global("torch", storage),
        op.text(key),
        op.text("cpu"),
        op.integer(elements),
      ),
      ...op.persistent,
    ],
    op.integer(offset),
    tuple(...shape.map(op.integer)),
    tuple(...strides.map(op.integer)),
    op.false,
    [...op.global("collections", "OrderedDict"), ...op.emptyTuple, ...op.reduce],
  ),
  ...op.reduce,
]

/** A whole pickle of the value that some opcodes leave. */
export const pickle = (...ops: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([...op.protocol(2), ...ops.flat(), ...op.stop])

/** A pickled state dict. */
export const pickleOf = (tensors: readonly PickledTensor[]): Uint8Array =>
  pickle(
    op.emptyDict,
    op.mark,
    ...tensors.flatMap((tensor) => [op.text(tensor.name), tensorOps(tensor)]),
    op.setItems,
  )

/** How an archive is written other than torch would. */
export interface ZipOptions {
  /** Sizes and places in 64 bits, as for files of 4 GiB. */
  readonly wide?: boolean
  /** The compression method that is claimed. */
  readonly method?: number
  /** The flags that are claimed. */
  readonly flags?: number
}

/** The pieces of a zip archive of entries without compression, their sizes in data descriptors. */
export const zipOf = (
  entries: ReadonlyMap<string, Uint8Array>,
  { wide = false, method = 0, flags = 0x808 }: ZipOptions = {},
): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  const add = (piece: Uint8Array): void => {
    pieces.push(piece)
    at += piece.length
  }
  for (const [name, content] of entries) {
    const offset = at
    const crc = crc32(content)
    const nameBytes = new TextEncoder().encode(name)
    add(
      record([[4, 0x04034b50], [2, 0], [2, flags], [2, method], [4, 0], [4, 0], [4, 0], [4, 0], [2, nameBytes.length], [
        2,
        0,
      ]]),
    )
    add(nameBytes)
    add(content)
    add(record([[4, 0x08074b50], [4, crc], [4, content.length], [4, content.length]]))
    const size = wide ? 0xffffffff : content.length
    directory.push(
      record([[4, 0x02014b50], [2, 0], [2, 0], [2, flags], [2, method], [4, 0], [4, crc], [4, size], [4, size]]),
      record([[2, nameBytes.length], [2, wide ? 28 : 0], [2, 0], [2, 0], [2, 0], [4, 0], [
        4,
        wide ? 0xffffffff : offset,
      ]]),
      nameBytes,
      wide ? record([[2, 1], [2, 24], [8, content.length], [8, content.length], [8, offset]]) : new Uint8Array(),
    )
  }
  const start = at
  for (const piece of directory) add(piece)
  const [count, size, end] = [entries.size, at - start, at]
  if (wide) {
    add(
      record([[4, 0x06064b50], [8, 44], [2, 0], [2, 0], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, start]]),
    )
    add(record([[4, 0x07064b50], [4, 0], [8, end], [4, 1]]))
  }
  const [shownCount, shownSize, shownStart] = wide ? [0xffff, 0xffffffff, 0xffffffff] : [count, size, start]
  add(record([[4, 0x06054b50], [4, 0], [2, shownCount], [2, shownCount], [4, shownSize], [4, shownStart], [2, 0]]))
  return pieces
}

/** Little-endian fields of given widths in bytes. */
const record = (fields: readonly (readonly [width: 2 | 4 | 8, value: number])[]): Uint8Array =>
  Uint8Array.from(fields.flatMap(([width, value]) => [
    ...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer).subarray(0, width),
  ]))

/** The entries of a file of torch.save. */
export const torchEntries = (
  pickled: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>>,
): ReadonlyMap<string, Uint8Array> =>
  new Map([
    ["model/data.pkl", pickled],
    ["model/byteorder", new TextEncoder().encode("little")],
    ...Object.entries(storages).map(([key, bytes]): [string, Uint8Array] => [`model/data/${key}`, bytes]),
    ["model/version", new TextEncoder().encode("3\n")],
  ])

/** Some pieces in one array. */
export const joined = (pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces))
