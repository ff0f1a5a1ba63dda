/** The floats of every pattern of 16 bits, 256 KiB; made when a file first needs it. */
let half: Float32Array | undefined

const halfTable = (): Float32Array =>
  half ??= Float32Array.from(new Float16Array(Uint16Array.from({ length: 0x1_0000 }, (_, bits) => bits).buffer))

/**
 * Widens 16-bit floats that fill the second half of the memory of `floats` to all of `floats`. No element is
 * overwritten before it is read: number i of n is read from byte 2n + 2i, and the writing has then reached byte 4i.
 */
export const widen = (dtype: "F16" | "BF16", floats: Float32Array): void => {
  const count = floats.length
  const narrow = new Uint16Array(floats.buffer, floats.byteOffset + 2 * count, count)
  if (dtype === "BF16") {
    // A bfloat16 is the upper half of a float32.
    const words = new Uint32Array(floats.buffer, floats.byteOffset, count)
    for (let index = 0; index < count; index++) words[index] = (narrow[index] ?? 0) << 16
    return
  }
  const table = halfTable()
  for (let index = 0; index < count; index++) floats[index] = table[narrow[index] ?? 0] ?? 0
}
