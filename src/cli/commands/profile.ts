import { assumption } from '../../device/cores.ts'
import { layersOf } from '../../report/layers.ts'
import { type ModelFile, readModelFile, readStructureFile } from '../../run/boards/model-file.ts'
import { profile, profileTargets } from '../../run/boards/profile.ts'
import { dutyOf } from '../../run/record/duty.ts'
import { usageError } from '../../util/errors.ts'
import type { Run } from '../options.ts'
import { print, printJson, tableStyle, talk } from '../output.ts'
import { profileText } from '../profile-text.ts'

/** `tinyfront profile MODEL.tflite | --graph FILE.json [--device all|LIST]`: what any int8 or float model costs on boards, and what would make it cheaper. */
export const runProfile: Run = async ([file], options) => {
  const model = modelOf(file, options.graph)
  const duty = dutyOf(options)
  const found = profile(model, { ...options, ...(duty ? { duty } : {}) })
  if (options.json) printJson({ schemaVersion: 1, ...found })
  else {
    const targets = profileTargets(options.targets, options.maxEnergyUj)
    const [target, ...more] = targets
    const left = profileTargets(options.targets).length - found.targets.length
    if (left > 0) talk(`  left out: ${left} boards without a power figure, of which no energy is known (--max-energy)`)
    const layers = target !== undefined && more.length === 0 ? layersOf(model.graph, target).layers : null
    print(
      profileText(
        found,
        layers,
        targets.flatMap((t) => assumption(t) ?? []),
        tableStyle(),
      ),
    )
  }
  return 0
}

function modelOf(file: string | undefined, structure: string | undefined): ModelFile {
  if (file !== undefined && structure !== undefined)
    throw usageError(`two models given: ${file} and --graph ${structure}`, 'pass one of them')
  if (structure !== undefined) return readStructureFile(structure)
  if (file === undefined) throw usageError('no model given', 'pass a MODEL.tflite, or --graph FILE.json with its layers')
  return readModelFile(file)
}
