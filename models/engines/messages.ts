/** Words about engines that cannot be used here, and about what a probe finds. */

export const unavailable = (engine: string, reason: string): string =>
  `the engine ${engine} cannot be used here: ${reason}`
export const multipliesWrongly = (product: ReadonlyArray<number>): string =>
  `it multiplies wrongly: got ${product.join(" ")}`

export const webgpuHelp = "It needs a GPU with its Vulkan, Metal or Direct3D 12 driver; or choose onnxruntime."
export const cudaHelp =
  "It needs a CUDA device with its driver, and CUDA's libraries, which npx dag engine add cuda brings; or choose onnxruntime."
export const driverHelp =
  "It needs a CUDA device with NVIDIA's driver of CUDA 13 (580 or later), which brings libcuda.so.1; or choose onnxruntime."
export const cudaNotAdded = "CUDA's libraries were not added"
export const cudaDamaged = (what: string): string => `of CUDA's libraries ${what} is missing or not as it was added`
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

// What brings CUDA's libraries.
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
export const otherPlatform = (here: string): string => `its libraries are for Linux on x86-64, and this is ${here}`
export const otherOnnxruntime = (found: string, wanted: string): string =>
  `onnxruntime-node ${found} is installed, and its libraries are for ${wanted}`
export const otherReleaseHelp = "Choose onnxruntime, or run npm ci on a machine with Linux and an x86-64 processor."
export const noPython = "python3 with pip is not there, which downloads its libraries"
export const pythonHelp = "Install python3 and its pip (on Debian: apt install python3-pip), then run again."
export const downloadFailed = "pip could not download its libraries; what it said is above"
export const cannotUnpack = "its libraries could not be unpacked; the reason is above"
export const downloadHelp =
  "Run again where PyPI or a mirror of it can be reached (pip's own settings name one); what has come stays."
export const diskShort = (folder: string, needed: number, free: number): string =>
  `it takes ${gigabytes(needed)} while it is installed, and ${gigabytes(free)} are free for ${folder}`
export const diskShortHelp = "Free some space, or name another folder with DAG_ENGINES."
