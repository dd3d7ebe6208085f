import { builtinNames } from '../../data/builtin/builtins.ts'
import { listDevices } from '../../device/load.ts'
import { listSpaces } from '../../space/load.ts'
import { listStudies } from '../../store/study-file.ts'
import { usageError } from '../../util/errors.ts'
import { complete, type Sources, shells } from '../completion/complete.ts'
import { scripts } from '../completion/scripts.ts'
import { optionTable, type Run } from '../options.ts'
import { print } from '../output.ts'
import { openProject } from '../project/find.ts'
import { listNames } from './list.ts'

const sources: Sources = {
  boards: () => listDevices().map((device) => device.id),
  spaces: listSpaces,
  data: () => builtinNames.map((name) => `builtin:${name}`),
  lists: () => listNames,
  studies: (results) => listStudies(results ?? process.env[optionTable.results.env ?? ''] ?? optionTable.results.default),
  planned: async () => Object.keys((await openProject('.'))?.studies ?? {}),
}

/** `tinyfront completion SHELL`: its script. With words, which the script passes: what may stand for the last of them. */
export const runCompletion: Run = async ([name = '', ...words]) => {
  const shell = shells.find((known) => known === name)
  if (shell === undefined) throw usageError(`there is no completion for "${name}"`, `choose one of ${shells.join(', ')}`)
  if (words.length === 0) print(scripts[shell])
  else {
    const { words: found, files } = await complete(words, sources)
    for (const { word, says } of found) print(says === '' ? word : `${word}\t${says}`)
    if (files) print('/')
  }
  return 0
}
