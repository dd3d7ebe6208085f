import { z } from 'zod'
import { type OptionName, optionTable, projectOptions } from './options.ts'

type Row = { readonly schema: z.ZodType; readonly value: string | null; readonly help: string }

/** One option for editors and agents: of its own type, or a text as on the command line. */
function schemaOf(name: OptionName): z.ZodType {
  const { schema, value, help }: Row = optionTable[name]
  const asText = value === null || schema instanceof z.ZodString || schema instanceof z.ZodEnum
  return (asText ? schema : z.union([schema, z.string()])).optional().describe(help)
}

/** These options as an object, from the table that feeds the parser and `--help`. */
export const optionsSchema = (names: readonly OptionName[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, schemaOf(name)])))

/** JSON schema of `tinyfront.config.json`, for editors. */
export function projectJsonSchema(): object {
  const names = Object.keys(projectOptions) as (keyof typeof projectOptions)[]
  const own = optionsSchema(names.filter((name) => name !== 'study' && name !== 'results'))
  const project = z.strictObject({
    $schema: z.string().optional(),
    ...optionsSchema(names).shape,
    studies: z.record(z.string(), own).optional().describe('studies by name, each with what it has of its own'),
  })
  return z.toJSONSchema(project, { unrepresentable: 'any' })
}
