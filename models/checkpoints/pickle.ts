import { PickleError } from "./errors.ts"
import {
  appendsToNoList,
  asksFor,
  atByte,
  callsNoFunction,
  callsWithoutArguments,
  keyNoText,
  keyWithoutValue,
  longInteger,
  markMissing,
  nameNoText,
  pickleCutOff,
  pickleLeft,
  pickleProtocol,
  pickleSteps,
  recallsNothing,
  setsAttributes,
  setsInNoDict,
  textNotUtf8,
  uselessOpcode,
  valueMissing,
} from "./messages.ts"

// A machine for the part of the pickle protocol that torch.save uses for tensors. It makes values of the classes below
// and nothing else: a name that a pickle asks for is looked up in a list, never imported.
// https://github.com/python/cpython/blob/main/Lib/pickletools.py

/** A tuple or a list. */
export class Sequence {
  readonly items: Value[]

  constructor(items: Value[]) {
    this.items = items
  }
}

/** A dict or an OrderedDict. */
export class Dict {
  readonly entries = new Map<string | number, Value>()
}

/** Anything that the names in a `World` stand for or make. */
export abstract class Foreign {
  /** What it is, for messages. */
  abstract readonly kind: string
}

/** A name of the world that can be called. */
export class Callable extends Foreign {
  override readonly kind = "function"
  readonly call: (args: readonly Value[], fail: Fail) => Value

  constructor(call: (args: readonly Value[], fail: Fail) => Value) {
    super()
    this.call = call
  }
}

/** What a pickle is made of; `null` is None. */
export type Value = null | boolean | number | string | Uint8Array | Sequence | Dict | Foreign

/** Throws a `PickleError` for the reason. */
export type Fail = (reason: string) => never

/** All that a pickle may ask for. */
export interface World {
  /** By `module.name`. */
  readonly globals: ReadonlyMap<string, Foreign>
  /** What a persistent id stands for. */
  readonly persistent: (id: Value, fail: Fail) => Value
}

// A state dict takes about 35 steps for a tensor.
const MAX_STEPS = 1_000_000

const MARK = Symbol("mark")

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * The value that a pickle makes, of protocols 2 to 5. No code runs but that of `world`. Throws `PickleError` for a name
 * that is not in `world`, for opcodes that a state dict has no use for, for a malformed or an endless pickle.
 */
export const readPickle = (file: string, bytes: Uint8Array, world: World): Value =>
  new Machine(file, bytes, world).run()

class Machine {
  readonly #file: string
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #world: World
  readonly #stack: (Value | typeof MARK)[] = []
  readonly #memo = new Map<number, Value>()
  #at = 0

  constructor(file: string, bytes: Uint8Array, world: World) {
    this.#file = file
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#world = world
  }

  run(): Value {
    for (let step = 0; step < MAX_STEPS; step++) {
      const code = this.#unsigned(1)
      if (code === 0x2e) { // STOP
        const value = this.#pop()
        return this.#stack.length === 0 ? value : this.#fail(pickleLeft)
      }
      this.#step(code)
    }
    return this.#fail(pickleSteps(MAX_STEPS))
  }

  #step(code: number): void {
    switch (code) {
      case 0x80: { // PROTO
        const version = this.#unsigned(1)
        if (version < 2 || version > 5) this.#fail(pickleProtocol(version))
        return
      }
      case 0x95: // FRAME
        return void this.#take(8)
      case 0x28: // MARK
        return void this.#stack.push(MARK)
      case 0x30: // POP
        return void this.#pop()
      case 0x4e: // NONE
        return this.#push(null)
      case 0x88: // NEWTRUE
        return this.#push(true)
      case 0x89: // NEWFALSE
        return this.#push(false)
      case 0x4a: // BININT
        return this.#push(this.#view.getInt32(this.#take(4), true))
      case 0x4b: // BININT1
        return this.#push(this.#unsigned(1))
      case 0x4d: // BININT2
        return this.#push(this.#unsigned(2))
      case 0x8a: // LONG1
        return this.#push(this.#long(this.#unsigned(1)))
      case 0x47: // BINFLOAT
        return this.#push(this.#view.getFloat64(this.#take(8), false))
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(this.#text(this.#unsigned(1)))
      case 0x58: // BINUNICODE
        return this.#push(this.#text(this.#unsigned(4)))
      case 0x8d: // BINUNICODE8
        return this.#push(this.#text(this.#unsigned(8)))
      case 0x43: // SHORT_BINBYTES
        return this.#push(this.#slice(this.#unsigned(1)))
      case 0x42: // BINBYTES
        return this.#push(this.#slice(this.#unsigned(4)))
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        return this.#push(new Sequence([]))
      case 0x85: // TUPLE1
        return this.#push(new Sequence(this.#popMany(1)))
      case 0x86: // TUPLE2
        return this.#push(new Sequence(this.#popMany(2)))
      case 0x87: // TUPLE3
        return this.#push(new Sequence(this.#popMany(3)))
      case 0x74: // TUPLE
      case 0x6c: // LIST
        return this.#push(new Sequence(this.#popToMark()))
      case 0x61: // APPEND
        return this.#append(this.#popMany(1))
      case 0x65: // APPENDS
        return this.#append(this.#popToMark())
      case 0x7d: // EMPTY_DICT
        return this.#push(new Dict())
      case 0x73: // SETITEM
        return this.#set(this.#popMany(2))
      case 0x75: // SETITEMS
        return this.#set(this.#popToMark())
      case 0x71: // BINPUT
        return void this.#memo.set(this.#unsigned(1), this.#top())
      case 0x72: // LONG_BINPUT
        return void this.#memo.set(this.#unsigned(4), this.#top())
      case 0x94: // MEMOIZE
        return void this.#memo.set(this.#memo.size, this.#top())
      case 0x68: // BINGET
        return this.#push(this.#recall(this.#unsigned(1)))
      case 0x6a: // LONG_BINGET
        return this.#push(this.#recall(this.#unsigned(4)))
      case 0x63: // GLOBAL
        return this.#push(this.#global(this.#line(), this.#line()))
      case 0x93: { // STACK_GLOBAL
        const [module, name] = this.#popMany(2)
        if (typeof module !== "string" || typeof name !== "string") return this.#fail(nameNoText)
        return this.#push(this.#global(module, name))
      }
      case 0x51: // BINPERSID
        return this.#push(this.#world.persistent(this.#pop(), this.#fail))
      case 0x52: { // REDUCE
        const [callable, args] = this.#popMany(2)
        if (!(callable instanceof Callable)) return this.#fail(callsNoFunction)
        if (!(args instanceof Sequence)) return this.#fail(callsWithoutArguments)
        return this.#push(callable.call(args.items, this.#fail))
      }
      case 0x62: // BUILD: an OrderedDict's attributes, in which PyTorch keeps the versions of modules
        this.#pop()
        if (!(this.#top() instanceof Dict)) this.#fail(setsAttributes)
        return
      default:
        this.#fail(uselessOpcode(code))
    }
  }

  readonly #fail: Fail = (reason) => {
    throw new PickleError(this.#file, atByte(reason, this.#at))
  }

  /** Where the next `count` bytes start; they are then behind. */
  #take(count: number): number {
    const start = this.#at
    if (count > this.#bytes.length - start) return this.#fail(pickleCutOff)
    this.#at += count
    return start
  }

  #unsigned(bytes: 1 | 2 | 4 | 8): number {
    const at = this.#take(bytes)
    if (bytes === 1) return this.#view.getUint8(at)
    if (bytes === 2) return this.#view.getUint16(at, true)
    return bytes === 4 ? this.#view.getUint32(at, true) : Number(this.#view.getBigUint64(at, true))
  }

  #slice(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A little-endian integer in two's complement. */
  #long(length: number): number {
    let value = 0n
    for (const byte of this.#slice(length).toReversed()) value = (value << 8n) | BigInt(byte)
    const number = Number(BigInt.asIntN(8 * length, value))
    return Number.isSafeInteger(number) ? number : this.#fail(longInteger)
  }

  #text(length: number): string {
    const bytes = this.#slice(length)
    try {
      return utf8.decode(bytes)
    } catch {
      return this.#fail(textNotUtf8)
    }
  }

  /** The text up to the end of the line. */
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end < 0) return this.#fail(pickleCutOff)
    const line = this.#text(end - this.#at)
    this.#at += 1
    return line
  }

  #global(module: string, name: string): Value {
    const full = `${module}.${name}`
    return this.#world.globals.get(full)
      ?? this.#fail(asksFor(full))
  }

  #push(value: Value): void {
    this.#stack.push(value)
  }

  #pop(): Value {
    const value = this.#stack.pop()
    return value === undefined || value === MARK ? this.#fail(valueMissing) : value
  }

  #top(): Value {
    const value = this.#pop()
    this.#stack.push(value)
    return value
  }

  /** The last `count` values, in their order. */
  #popMany(count: number): Value[] {
    return Array.from({ length: count }, () => this.#pop()).toReversed()
  }

  /** The values behind the last mark, in their order. */
  #popToMark(): Value[] {
    const values: Value[] = []
    while (this.#stack.length > 0 && this.#stack.at(-1) !== MARK) values.push(this.#pop())
    if (this.#stack.pop() !== MARK) this.#fail(markMissing)
    return values.toReversed()
  }

  #append(values: readonly Value[]): void {
    const list = this.#top()
    if (!(list instanceof Sequence)) return this.#fail(appendsToNoList)
    for (const value of values) list.items.push(value)
  }

  #set(values: readonly Value[]): void {
    const dict = this.#top()
    if (!(dict instanceof Dict)) return this.#fail(setsInNoDict)
    for (let index = 0; index < values.length; index += 2) {
      const [key, value] = [values[index], values[index + 1]]
      if (typeof key !== "string" && typeof key !== "number") return this.#fail(keyNoText)
      dict.entries.set(key, value === undefined ? this.#fail(keyWithoutValue) : value)
    }
  }

  #recall(index: number): Value {
    const value = this.#memo.get(index)
    return value === undefined ? this.#fail(recallsNothing) : value
  }
}
