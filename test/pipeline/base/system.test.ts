import { assert, describe, it } from "@effect/vitest"
import { InputError } from "../../../pipeline/base/errors.ts"
import { machineError, onPath, systemReason } from "../../../pipeline/base/system.ts"

/** What Node throws where the system answers with this code. */
const thrown = (code: string): Error =>
  Object.assign(new Error(`${code}: some words, read`), { code, syscall: "read", path: "/a/b" })

const failures = ["EIO", "ESTALE", "EBUSY", "EMFILE", "ENFILE", "ETIMEDOUT", "ENOTCONN", "EHOSTDOWN", "EREMOTEIO"]

describe("row 18: what the system finds wrong", () => {
  it.each(failures)("%s while a user's file is read is an error that says so, and what to do", (code) => {
    try {
      onPath("/a/b", "read", "fix the path", () => {
        throw thrown(code)
      })
    } catch (error) {
      assert.instanceOf(error, InputError)
      assert.strictEqual(error.file, "/a/b")
      assert.notInclude(error.message, code)
      assert.match(error.help, /run again/u)
      return
    }
    assert.fail("nothing was thrown")
  })

  it.each(failures)("%s in a stage is a failure of the machine, not of the stage", (code) => {
    const error = machineError(thrown(code))
    assert.match(error?.message ?? "", /failure of the machine: [a-z][^:]*\(\/a\/b\)$/u)
    assert.isTrue(error?.transient)
  })

  it("has words for whatever the system answers, and none for a mistake of a program", () => {
    assert.strictEqual(systemReason(thrown("EOWNERDEAD")), "EOWNERDEAD: EOWNERDEAD: some words, read")
    for (const mistake of [thrown("ERR_INVALID_ARG_TYPE"), new TypeError("x is no function"), "EIO", undefined]) {
      assert.isUndefined(systemReason(mistake))
      assert.isUndefined(machineError(mistake))
    }
    // A stage that opens what is not there is wrong itself.
    assert.isUndefined(machineError(thrown("ENOENT")))
  })
})
