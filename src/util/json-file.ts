import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { nearestName, nearestNames, usageError } from './errors.ts'
import { faultText } from './faults.ts'

/**
 * Reads and validates one JSON file at the door; past it the value is trusted.
 * The error names file, path and remedy: `devices/x.json: ramBytes: expected number, received string`.
 */
export function readJson<T>(file: string, schema: z.ZodType<T>, what: string): T {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw usageError(`${file}: cannot be read: ${faultText(cause)}`, `check the path of the ${what}`, cause)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw usageError(`${file}: not valid JSON: ${(cause as Error).message}`, `mend the syntax of this ${what}`, cause)
  }
  return parseValue(value, schema, file, what)
}

/** Validates a value that was read from `file`. */
export function parseValue<T>(value: unknown, schema: z.ZodType<T>, file: string, what: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.join(', ')
    const near = nearestName(issue.keys[0]!, schemaKeys(schema, issue.path))
    throw usageError(
      `${file}: ${path ? `${path}: ` : ''}unknown key ${keys}`,
      near ? `did you mean "${near}"?` : `remove it, or see the JSON schema of a ${what}`,
    )
  }
  const typed = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value)
  if (issue.code === 'invalid_value' && typeof typed === 'string') {
    const known = issue.values.map(String)
    const near = nearestNames(typed, known)
    throw usageError(
      `${file}: ${path}: "${typed}" is not known`,
      near.length > 0 ? `did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : `choose one of ${known.join(', ')}`,
    )
  }
  throw usageError(`${file}: ${path || 'top level'}: ${issue.message}`, `mend this key of the ${what}`)
}

function schemaKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let json: unknown = z.toJSONSchema(schema, { unrepresentable: 'any' })
  for (const step of path) {
    const node = json as { properties?: Record<string, unknown>; items?: unknown; additionalProperties?: unknown }
    json = typeof step === 'number' ? node.items : (node.properties?.[String(step)] ?? node.additionalProperties)
    if (json === undefined) return []
  }
  return Object.keys((json as { properties?: object }).properties ?? {})
}
