import { Schema } from "effect"
import { Digest } from "./digest.ts"

/** Bytes that the store keeps: their sha256, and how many they are. */
export const BlobRef = Schema.Struct({ digest: Digest, size: Schema.Natural })
export type BlobRef = typeof BlobRef.Type
