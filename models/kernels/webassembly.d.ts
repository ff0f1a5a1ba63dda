// What the kernels use of a global that neither TypeScript's "es" libraries nor Node's types declare.
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string
  }
  interface Instance {
    readonly exports: object
  }
  const Module: new(bytes: Uint8Array) => Module
  const Instance: new(module: Module) => Instance
  interface Memory {
    readonly buffer: ArrayBuffer
    readonly grow: (pages: number) => number
  }
}
