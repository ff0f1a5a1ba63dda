import type { SchemaAST } from "effect"

/** Whether a value is one of a Schema, as it stands. */
export type IsValid = (value: unknown) => boolean

/**
 * A test of values that are decoded as they stand: where nothing in a Schema transforms, what is valid is what decoding
 * gives, and a copy of it costs several times the test. Undefined where something transforms, or is no column of a table.
 */
export const validity = (ast: SchemaAST.AST): IsValid | undefined => {
  const own = ast.encoding === undefined ? ownValidity(ast) : undefined
  const checks = ast.checks?.flatMap(filtersOf) ?? []
  if (own === undefined || checks.length === 0) return own
  return (value) => own(value) && checks.every((check) => check.run(value, ast, {}) === undefined)
}

const ownValidity = (ast: SchemaAST.AST): IsValid | undefined => {
  switch (ast._tag) {
    case "String":
      return (value) => typeof value === "string"
    case "Boolean":
      return (value) => typeof value === "boolean"
    case "Number":
      return (value) => typeof value === "number"
    case "Null":
      return (value) => value === null
    case "Literal":
      return (value) => value === ast.literal
    case "Union": {
      const members = all(ast.types.map(validity))
      return members && ((value) => members.some((isValid) => isValid(value)))
    }
    case "Arrays": {
      const item = ast.elements.length === 0 && ast.rest.length === 1 ? all(ast.rest.map(validity))?.[0] : undefined
      return item && ((value) => Array.isArray(value) && value.every(item))
    }
    case "Objects": {
      if (ast.indexSignatures.length > 0 || ast.encodingChecks !== undefined) return undefined
      const tests = all(ast.propertySignatures.map(({ type }) => validity(type)))
      if (tests === undefined) return undefined
      const fields = ast.propertySignatures.flatMap(({ name }, index) => {
        const isValid = tests[index]
        return isValid === undefined ? [] : [{ name, isValid }]
      })
      return (value) => {
        if (typeof value !== "object" || value === null) return false
        for (const { name, isValid } of fields) {
          if (!isValid((value as Readonly<Record<PropertyKey, unknown>>)[name])) return false
        }
        return true
      }
    }
    default:
      return undefined
  }
}

/** The tests, where there are all of them. */
const all = (tests: ReadonlyArray<IsValid | undefined>): ReadonlyArray<IsValid> | undefined => {
  const found = tests.flatMap((test) => test ?? [])
  return found.length === tests.length ? found : undefined
}

const filtersOf = (check: SchemaAST.Check<unknown>): ReadonlyArray<SchemaAST.Filter<unknown>> =>
  check._tag === "Filter" ? [check] : check.checks.flatMap(filtersOf)
