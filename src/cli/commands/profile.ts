import { listTargets, loadTarget } from '../../device/load.ts'
import { countGraph } from '../../graph/count.ts'
import { layersOf } from '../../report/layers.ts'
import { usageError } from '../../util/errors.ts'
import { boundsOf } from '../bounds.ts'
import { demandsOf, holdersOf } from '../holders.ts'
import { type ModelFile, readModelFile, readStructureFile } from '../model-file.ts'
import { type Profile, profileOn } from '../network-profile.ts'
import { print, printJson, tableStyle } from '../output.ts'
import { profileText } from '../profile-text.ts'
import type { Run } from '../run.ts'

/** `tinyfront profile MODEL.tflite | --graph FILE.json [--device all|LIST]`: what any int8 or float model costs on boards, and what would make it cheaper. */
export const runProfile: Run = async ([file], options) => {
  const { name, graph, dtype } = modelOf(file, options.graph as string | undefined)
  const asked = (options.device as string[] | undefined) ?? ['all']
  const targets = asked.includes('all') ? listTargets() : asked.map((spec) => loadTarget(spec))
  const rows = targets.map((target) => profileOn(graph, target, options))
  const { smallest, ...priced } = holdersOf(graph, targets, demandsOf(boundsOf(options)), options)
  const profile: Profile = {
    model: name,
    targets: rows,
    dtype,
    ...countGraph(graph),
    smallest: smallest?.target.id ?? null,
    ...priced,
  }
  if (options.json) printJson({ schemaVersion: 1, ...profile })
  else print(profileText(profile, targets.length === 1 ? layersOf(graph, targets[0]!).layers : null, tableStyle()))
  return 0
}

function modelOf(file: string | undefined, structure: string | undefined): ModelFile {
  if (file !== undefined && structure !== undefined)
    throw usageError(`two models given: ${file} and --graph ${structure}`, 'pass one of them')
  if (structure !== undefined) return readStructureFile(structure)
  if (file === undefined) throw usageError('no model given', 'pass a MODEL.tflite, or --graph FILE.json with its layers')
  return readModelFile(file)
}
