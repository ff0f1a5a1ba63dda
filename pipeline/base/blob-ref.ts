import { Schema } from "effect"

/** Bytes that the store keeps: their sha256, and how many they are. */
export const BlobRef = Schema.Struct({ digest: Schema.String, size: Schema.Natural })
export type BlobRef = typeof BlobRef.Type
