/** Numbers, the last in first out. */
export class Stack {
  static readonly #limit = 50
  static made = 0
  static {
    Stack.made = Stack.#limit - 40
  }
  readonly #numbers: Array<number> = []
  label = "stack"

  static of(...numbers: ReadonlyArray<number>): Stack {
    const stack = new Stack()
    for (const number of numbers) stack.push(number)
    return stack
  }

  static isStack(value: object): boolean {
    return #numbers in value
  }

  push(number: number): this {
    if (this.#numbers.length < Stack.#limit) this.#numbers.push(number)
    return this
  }

  pop(): number | undefined {
    return this.#numbers.pop()
  }

  get top(): number {
    return this.#numbers.at(-1) ?? 0
  }

  set top(number: number) {
    this.#drop()
    this.push(number)
  }

  get size(): number {
    return this.#numbers.length
  }

  #drop(): void {
    this.#numbers.pop()
  }

  *[Symbol.iterator](): Generator<number> {
    yield* this.#numbers
  }
}

/** A stack that adds up. */
export class Summing extends Stack {
  override label = "summing"
  #sum = 0

  override push(number: number): this {
    this.#sum += number
    return super.push(number)
  }

  get sum(): number {
    return this.#sum
  }
}
