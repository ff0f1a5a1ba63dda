import { Schema, type SchemaAST } from "effect"
import type { SchemaElement } from "hyparquet"

/** The Parquet type of one value of a row, derived from its Schema. */
export type Column =
  | { readonly _tag: "Text" | "Integer" | "Real" | "Boolean"; readonly nullable: boolean }
  | { readonly _tag: "List"; readonly nullable: boolean; readonly item: Column }
  | { readonly _tag: "Group"; readonly nullable: boolean; readonly fields: ReadonlyArray<Field> }

/** A named column. */
export interface Field {
  readonly name: string
  readonly column: Column
}

/** The columns of a row Schema, from its encoded side; throws on a type that has no column, which is a bug. */
export const columnsOf = (row: Schema.Top): ReadonlyArray<Field> => {
  const ast = Schema.toEncoded(row).ast
  if (ast._tag !== "Objects") throw new Error(`an artifact's row must be a struct, got ${ast._tag}`)
  return fieldsOf(ast)
}

const fieldsOf = (ast: SchemaAST.Objects): ReadonlyArray<Field> => {
  if (ast.indexSignatures.length > 0) throw new Error("a record with open names has no Parquet columns")
  return ast.propertySignatures.map(({ name, type }) => ({
    name: String(name),
    column: columnOf(required(String(name), type), false),
  }))
}

/** A column's null could be a field that is absent or one that is null, so there is one way to leave a value out. */
const required = (name: string, type: SchemaAST.AST): SchemaAST.AST => {
  if (type.context?.isOptional === true) throw new Error(`${name} is optional: use Schema.NullOr in an artifact's row`)
  return type
}

const columnOf = (ast: SchemaAST.AST, nullable: boolean): Column => {
  switch (ast._tag) {
    case "String":
      return { _tag: "Text", nullable }
    case "Boolean":
      return { _tag: "Boolean", nullable }
    case "Number":
      return { _tag: isInteger(ast) ? "Integer" : "Real", nullable }
    case "Literal":
      return literalColumn([ast.literal], nullable)
    case "Arrays": {
      const [item] = ast.rest
      if (ast.elements.length > 0 || item === undefined) throw new Error("a tuple has no Parquet column")
      return { _tag: "List", nullable, item: columnOf(item, false) }
    }
    case "Objects":
      return { _tag: "Group", nullable, fields: fieldsOf(ast) }
    case "Union": {
      const present = ast.types.filter((type) => type._tag !== "Null")
      const [first] = present
      if (first === undefined) throw new Error("a column of nulls has no Parquet type")
      const orNull = nullable || present.length < ast.types.length
      return present.length === 1
        ? columnOf(first, orNull)
        : literalColumn(present.map((type) => (type._tag === "Literal" ? type.literal : undefined)), orNull)
    }
    default:
      throw new Error(`a Schema ${ast._tag} has no Parquet column`)
  }
}

const literalColumn = (literals: ReadonlyArray<unknown>, nullable: boolean): Column => {
  if (literals.every((literal) => typeof literal === "string")) return { _tag: "Text", nullable }
  if (literals.every((literal) => Number.isInteger(literal))) return { _tag: "Integer", nullable }
  throw new Error("a union of unlike types has no Parquet column")
}

const isInteger = (ast: SchemaAST.Number): boolean =>
  (ast.checks ?? []).some((check) =>
    (check.annotations?.["representation"] as { readonly id?: string } | undefined)?.id === "effect/schema/isInt"
  )

/** The Parquet schema elements of a row, in the file's depth-first order. */
export const schemaElements = (fields: ReadonlyArray<Field>): Array<SchemaElement> => [
  { name: "root", num_children: fields.length },
  ...fields.flatMap(({ name, column }) => elements(name, column)),
]

const elements = (name: string, column: Column): Array<SchemaElement> => {
  const repetition_type = column.nullable ? "OPTIONAL" : "REQUIRED"
  switch (column._tag) {
    case "Text":
      return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type }]
    case "Integer":
      return [{ name, type: "INT64", repetition_type }]
    case "Real":
      return [{ name, type: "DOUBLE", repetition_type }]
    case "Boolean":
      return [{ name, type: "BOOLEAN", repetition_type }]
    case "List":
      return [
        { name, converted_type: "LIST", repetition_type, num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        ...elements("element", column.item),
      ]
    case "Group":
      return [
        { name, repetition_type, num_children: column.fields.length },
        ...column.fields.flatMap((field) => elements(field.name, field.column)),
      ]
  }
}

/** Whether any value below `column` is a floating-point number. */
export const holdsReal = (column: Column): boolean =>
  column._tag === "Real"
  || (column._tag === "List" && holdsReal(column.item))
  || (column._tag === "Group" && column.fields.some((field) => holdsReal(field.column)))

/** A value that no Parquet file can hold exactly. */
export class Unrepresentable extends Error {
  readonly _tag = "Unrepresentable"
}

/** A value as the Parquet writer wants it; throws an Unrepresentable naming the field. */
export const toParquet = (column: Column, value: unknown, path: string): unknown => {
  if (value === undefined || value === null) return null
  switch (column._tag) {
    case "Text":
      if (!(value as string).isWellFormed()) throw new Unrepresentable(`${path} holds a lone surrogate`)
      return value
    case "Integer":
      if (!Number.isSafeInteger(value)) throw new Unrepresentable(`${path} is past exact integers`)
      return BigInt(value as number)
    case "Real":
    case "Boolean":
      return value
    case "List":
      return (value as ReadonlyArray<unknown>).map((item, index) => toParquet(column.item, item, `${path}[${index}]`))
    case "Group":
      return Object.fromEntries(
        column.fields.map((field) => [
          field.name,
          toParquet(field.column, (value as Record<string, unknown>)[field.name], `${path}.${field.name}`),
        ]),
      )
  }
}

/** The inverse of {@link toParquet} for what the Parquet reader gives. */
export const fromParquet = (column: Column, value: unknown): unknown => {
  if (value === undefined || value === null) return column._tag === "List" && !column.nullable ? [] : null
  switch (column._tag) {
    case "Integer":
      return Number(value)
    case "List":
      return (value as ReadonlyArray<unknown>).map((item) => fromParquet(column.item, item))
    case "Group":
      return rowFrom(column.fields, value as Record<string, unknown>)
    default:
      return value
  }
}

/** A row, or a group in one, as the Parquet reader gives it. */
export const rowFrom = (
  fields: ReadonlyArray<Field>,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const row: Record<string, unknown> = {}
  for (const { name, column } of fields) row[name] = fromParquet(column, value[name])
  return row
}
