/** Words about engines that cannot be used here, and about what a probe finds. */

export const unavailable = (engine: string, reason: string): string =>
  `the engine ${engine} cannot be used here: ${reason}`
export const multipliesWrongly = (product: ReadonlyArray<number>): string =>
  `it multiplies wrongly: got ${product.join(" ")}`

export const webgpuHelp = "It needs a GPU with its Vulkan, Metal or Direct3D 12 driver; or choose onnxruntime."
export const cudaHelp =
  "It needs a CUDA device, CUDA 12, cuDNN, and onnxruntime's CUDA libraries, which npm ci does not download: run"
  + " ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install; or choose onnxruntime."
export const tensorflowHelp =
  "Install it where it can download TensorFlow, or build it with bench/tensorflow/build.sh; or choose onnxruntime."

// TensorFlow's package.
export const notInstalled = (name: string): string =>
  `${name} is not installed: npm leaves it out where its download of TensorFlow fails`
export const computesElsewhere = (name: string, backend: string): string =>
  `${name} loads, but tfjs computes on its backend "${backend}"`
export const packageMultipliesWrongly = (name: string, product: ReadonlyArray<number>): string =>
  `${name} multiplies wrongly: got ${product.join(" ")}`
export const doesNotLoad = (name: string, reason: string): string => `${name} does not load: ${reason}`

// Sessions.
export const otherSession = "the binding was made by another session"
export const released = "the session was released"
export const atNode = (node: string, scope: string, reason: string): string =>
  `${node}${scope === "" ? "" : ` in ${scope}`}: ${reason}`

// Probes.
export const wrongElements = (wrong: number, elements: number): string =>
  `${wrong} of ${elements} elements of a product are wrong`
export const rightProduct = (
  version: string,
  device: string,
  dimensions: ReadonlyArray<number>,
  gflops: number,
): string =>
  `${version} ${device}; a product of ${dimensions.join("×")} was right, at ${
    gflops.toFixed(gflops < 10 ? 1 : 0)
  } GFLOP/s`
export const unknownVersion = "unknown version"
export const devices = {
  "onnxruntime": "on the CPU",
  "onnxruntime-webgpu": "through WebGPU",
  "onnxruntime-cuda": "on a CUDA device",
  "tensorflow-gpu": "on a CUDA device",
  "tensorflow-cpu": "on the CPU, for it finds no GPU",
}

// Defects.
export const disposedEarly = (node: string): string => `${node} was disposed of before its last use`
