import { Random } from "../../models/kernels/random.ts"

/** Draws rows of ids, none of which is a special token. */
export const randomIds = (vocabulary: number): (length: number) => readonly number[] => {
  const random = new Random(1)
  return (length) => Array.from({ length }, () => 3 + Math.floor(random.uniform() * (vocabulary - 4)))
}
