import { sizeOf } from "../ir/shape.ts"
import { PickleError } from "./errors.ts"
import { type Layout, spanOf } from "./layout.ts"
import {
  beyondStorage,
  dictArguments,
  keyNoName,
  moreThanStorage,
  noParameter,
  noStateDict,
  noStorageParts,
  noStorageTuple,
  noTensor,
  noTensorParts,
} from "./messages.ts"
import { Callable, Dict, type Fail, Foreign, readPickle, Sequence, type Value, type World } from "./pickle.ts"
import { MAX_RANK, type StoredType } from "./stored.ts"

/** A storage of `torch`: the elements that one or more tensors share. */
export class Storage extends Foreign {
  override readonly kind = "storage"
  readonly dtype: StoredType
  /** The name of its entry in the archive. */
  readonly key: string
  readonly elements: number

  constructor(dtype: StoredType, key: string, elements: number) {
    super()
    this.dtype = dtype
    this.key = key
    this.elements = elements
  }
}

/** A tensor as `torch.save` describes it: its elements are inside its storage, and no more than that has. */
export class TorchTensor extends Foreign {
  override readonly kind = "tensor"
  readonly storage: Storage
  readonly layout: Layout

  constructor(storage: Storage, layout: Layout) {
    super()
    this.storage = storage
    this.layout = layout
  }
}

class StorageType extends Foreign {
  override readonly kind = "storage type"
  readonly dtype: StoredType

  constructor(dtype: StoredType) {
    super()
    this.dtype = dtype
  }
}

const isNatural = (value: Value | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0

const naturals = (value: Value | undefined): readonly number[] | undefined =>
  value instanceof Sequence && value.items.length <= MAX_RANK && value.items.every(isNatural)
    ? value.items
    : undefined

/** `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata?)` */
const rebuildTensor = (args: readonly Value[], fail: Fail): Value => {
  const [storage, offset] = args
  const [shape, strides] = [naturals(args[2]), naturals(args[3])]
  const fits = storage instanceof Storage && isNatural(offset) && shape !== undefined
    && strides?.length === shape.length
  return fits && (args.length === 6 || args.length === 7)
    ? new TorchTensor(storage, { offset, shape, strides })
    : fail(noTensorParts)
}

/** `torch._utils._rebuild_parameter(tensor, requires_grad, hooks)` */
const rebuildParameter = (args: readonly Value[], fail: Fail): Value =>
  args[0] instanceof TorchTensor && args.length === 3
    ? args[0]
    : fail(noParameter)

const orderedDict = (args: readonly Value[], fail: Fail): Value => args.length === 0 ? new Dict() : fail(dictArguments)

/** `("storage", type, key, location, elements)` */
const persistent = (id: Value, fail: Fail): Value => {
  if (!(id instanceof Sequence)) return fail(noStorageTuple)
  const [kind, type, key, location, elements] = id.items
  const fits = kind === "storage" && type instanceof StorageType && typeof key === "string"
    && typeof location === "string" && isNatural(elements) && id.items.length === 5
  return fits ? new Storage(type.dtype, key, elements) : fail(noStorageParts)
}

const world: World = {
  globals: new Map<string, Foreign>([
    ["collections.OrderedDict", new Callable(orderedDict)],
    ["torch._utils._rebuild_tensor_v2", new Callable(rebuildTensor)],
    ["torch._utils._rebuild_parameter", new Callable(rebuildParameter)],
    ["torch.FloatStorage", new StorageType("F32")],
    ["torch.HalfStorage", new StorageType("F16")],
    ["torch.BFloat16Storage", new StorageType("BF16")],
    ["torch.DoubleStorage", new StorageType("F64")],
    ["torch.LongStorage", new StorageType("I64")],
    ["torch.IntStorage", new StorageType("I32")],
    ["torch.ShortStorage", new StorageType("I16")],
    ["torch.CharStorage", new StorageType("I8")],
    ["torch.ByteStorage", new StorageType("U8")],
    ["torch.BoolStorage", new StorageType("BOOL")],
  ]),
  persistent,
}

const kindOf = (value: Value): string => {
  if (value instanceof Foreign) return value.kind
  if (value instanceof Dict) return "dict"
  if (value instanceof Sequence) return "list"
  return value === null ? "None" : typeof value
}

/** The tensors of a pickled `state_dict` in its order. Throws `PickleError` for anything else; no code is run. */
export const readStateDict = (file: string, pickle: Uint8Array): ReadonlyMap<string, TorchTensor> => {
  const fail = (reason: string): never => {
    throw new PickleError(file, reason)
  }
  const state = readPickle(file, pickle, world)
  if (!(state instanceof Dict)) return fail(noStateDict)
  const tensors = new Map<string, TorchTensor>()
  for (const [name, tensor] of state.entries) {
    if (typeof name !== "string") return fail(keyNoName(name))
    if (!(tensor instanceof TorchTensor)) {
      return fail(noTensor(name, kindOf(tensor)))
    }
    const { storage, layout } = tensor
    const elements = sizeOf(layout.shape)
    if (elements !== 0 && !(layout.offset + spanOf(layout) <= storage.elements)) {
      return fail(beyondStorage(name, storage.elements))
    }
    // A stride of 0 repeats elements, by which a small file could claim a tensor larger than memory.
    if (!(elements <= storage.elements)) {
      return fail(moreThanStorage(name))
    }
    tensors.set(name, tensor)
  }
  return tensors
}
