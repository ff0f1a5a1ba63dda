/** Rows as CSV (RFC 4180), a column for each field of the first; null is empty, and what is neither is JSON. */
export const csvOf = (rows: ReadonlyArray<object>): string => {
  const names = Object.keys(rows[0] ?? {})
  return [
    names.map(quoted).join(","),
    ...rows.map((row) => names.map((name) => field(Reflect.get(row, name))).join(",")),
  ]
    .map((line) => `${line}\r\n`).join("")
}

const field = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  return typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : quoted(typeof value === "string" ? value : JSON.stringify(value))
}

const quoted = (text: string): string =>
  text === "" || /[",\r\n]/u.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
