/** The version of onnxruntime-node whose addon the CUDA libraries fit. */
export const ONNXRUNTIME = "1.30.0"

/** A file of the Python Package Index. */
export interface Wheel {
  readonly name: string
  readonly version: string
  /** Of the file for Linux on x86-64. */
  readonly sha256: string
  readonly bytes: number
}

/**
 * onnxruntime's CUDA provider, and the libraries of CUDA 13 and cuDNN 9 that it and they load. All that is missing then
 * is libcuda.so.1, which the driver brings.
 */
export const wheels: readonly Wheel[] = [
  {
    name: "onnxruntime-gpu",
    version: ONNXRUNTIME,
    sha256: "6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1",
    bytes: 246_685_715,
  },
  {
    name: "nvidia-cublas",
    version: "13.10.0.20",
    sha256: "dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84",
    bytes: 444_289_903,
  },
  {
    name: "nvidia-cuda-nvrtc",
    version: "13.5.37",
    sha256: "86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc",
    bytes: 58_185_930,
  },
  {
    name: "nvidia-cuda-runtime",
    version: "13.5.37",
    sha256: "df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d",
    bytes: 2_504_024,
  },
  {
    name: "nvidia-cudnn-cu13",
    version: "9.28.1.4",
    sha256: "a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec",
    bytes: 516_817_937,
  },
  {
    name: "nvidia-cufft",
    version: "12.5.0.14",
    sha256: "b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad",
    bytes: 165_072_555,
  },
  {
    name: "nvidia-curand",
    version: "10.4.5.25",
    sha256: "22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529",
    bytes: 77_113_015,
  },
  {
    name: "nvidia-nvjitlink",
    version: "13.5.37",
    sha256: "280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb",
    bytes: 46_642_491,
  },
]

/** What all of them hold once they are unpacked, in bytes; about. */
export const UNPACKED = 2_500_000_000
