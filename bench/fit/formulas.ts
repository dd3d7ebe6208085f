import { dot, fitNonNegative, relative } from '../../src/device/nnls.ts'
import { groupOf, type TermName, termGroups, termNames } from '../../src/device/terms.ts'
import { generatedRows, type OpRow, opRows, sweepRows } from './rows.ts'

/** Cycles per term, and where they come from. */
export type Formula = { readonly prices: Float64Array; readonly source: string }

const index = (name: TermName): number => termNames.indexOf(name)
const overhead = index('overhead.op')
const flash = index('flash.byte')

/** Prices of the terms of one kind of operator, by relative least squares; a constant per call is fitted beside them and dropped. */
function fitKind(rows: readonly OpRow[]): Float64Array {
  const keep = rows.map((r) => relative(without(r.terms, flash), r.cycles))
  const prices = fitNonNegative(keep, new Float64Array(termNames.length), new Float64Array(termNames.length).fill(1e-9))
  for (let t = 0; t < prices.length; t++) if (prices[t]! < 1e-5) prices[t] = 0
  return prices
}

function without(terms: Float64Array, t: number): Float64Array {
  const copy = Float64Array.from(terms)
  copy[t] = 0
  return copy
}

/** Joins fits of several kinds of operator into one price list; the constants per call become one overhead, set by `finish`. */
function join(parts: readonly (readonly [rows: readonly OpRow[], factor: number])[]): Float64Array {
  const prices = new Float64Array(termNames.length)
  for (const [rows, factor] of parts) {
    const fitted = fitKind(rows)
    for (let t = 0; t < prices.length; t++) if (t !== overhead && fitted[t]! > 0) prices[t] = fitted[t]! * factor
  }
  return prices
}

const only = (rows: readonly OpRow[], kind: string): OpRow[] => rows.filter((r) => r.kind === kind)
const swept = ['conv2d', 'pointwise', 'depthwise', 'dense', 'averagePool', 'maxPool', 'add'] as const

/** Cycles measured on a board per instruction counted in QEMU for the same layer: the median over its convolutions. */
function cyclesPerInstruction(board: readonly OpRow[], sweep: readonly OpRow[]): number {
  const ratios = (['conv2d', 'pointwise'] as const).flatMap((kind) => {
    const counted = fitKind(only(sweep, kind))
    return only(board, kind).map((r) => r.cycles / dot(r.terms, counted))
  })
  ratios.sort((a, b) => a - b)
  return ratios[ratios.length >> 1]!
}

/** Measured boards: convolutions, additions and means from their own timings, the rest from instruction counts at their cycles per instruction. */
function boardFormula(device: string): Formula & { readonly cpi: number } {
  const board = opRows(device, 'TFLM+CMSIS-NN')
  const sweep = sweepRows('cmsis_nn', device === 'STM32L552' ? 'm33' : 'm4', /^7/)
  const cpi = cyclesPerInstruction(board, sweep)
  const counted = (['depthwise', 'dense', 'averagePool', 'maxPool'] as const).map((kind) => [only(sweep, kind), cpi] as const)
  const measured = (['conv2d', 'pointwise', 'add', 'mean'] as const).map((kind) => [only(board, kind), 1] as const)
  const prices = finish(join([...measured, ...counted]), cpi / 1.5)
  return {
    prices,
    cpi,
    source: `${board.length} operator timings of ${device} (tk-king/MicroNas fa6b6d2, TFLM + CMSIS-NN) and own instruction counts x ${cpi.toFixed(2)}`,
  }
}

function sweepFormula(file: 'cmsis_nn' | 'own_kernel' | 'tflm_reference', core: string, set: RegExp, cpi: number): Formula {
  const rows = sweepRows(file, core, set)
  const prices = join(swept.map((kind) => [only(rows, kind), cpi] as const).filter(([r]) => r.length > 0))
  return {
    prices: finish(prices, cpi / 1.5),
    source: `${rows.length} exact instruction counts (${file}, ${core}, QEMU) x ${cpi} cycles per instruction`,
  }
}

/** The C that tinyfront generates, counted layer by layer (SMLAD on the M4, plain C on the M0). */
function generatedFormula(core: 'cortex-m4' | 'cortex-m0', cpi: number): Formula {
  const rows = generatedRows(core)
  const kinds = [...swept, 'mean', 'softmax', 'mul', 'hardSwish'] as const
  return {
    prices: finish(join(kinds.map((kind) => [only(rows, kind), cpi] as const)), cpi / 1.5),
    source: `${rows.length} exact instruction counts of generated C (${core}, QEMU) x ${cpi} cycles per instruction`,
  }
}

/**
 * Terms that neither sweeps nor board timings give. The overheads are those of TFLM's interpreter on Cortex-M4 (450-630 cycles an operator,
 * 4-5 k cycles an invocation); softmax is MicroNas' 673 cycles an element; flash is the extra time of streaming weights once. Hard swish lies between
 * ESP-NN's own table (56 cycles an element of TFLite's arithmetic in C on an ESP32-P4) and a MobileNetV3-Small on an RP2350 (40.6 ms at 150 MHz for
 * about 59,000 elements: 103); products of that network took 73 cycles an element, those here are 0.8 additions.
 */
function finish(prices: Float64Array, factor: number): Float64Array {
  const set = (name: TermName, cycles: number): void => {
    if (prices[index(name)] === 0) prices[index(name)] = cycles * factor
  }
  const add = prices[index('add.element')]! / factor || 120
  set('add.element', add)
  set('mul.element', 0.8 * add)
  set('quantize.element', 0.35 * add)
  set('hardSwish.element', 76)
  set('mean.element', 0.25 * add)
  set('mean.output', 117)
  set('softmax.element', 673)
  set('averagePool.tap', 9)
  set('maxPool.tap', 12)
  set('copy.byte', 2)
  set('flash.byte', 0.8)
  set('overhead.op', 800)
  set('overhead.invoke', 4500)
  return prices
}

/** Every price list that does not need whole-model measurements. Cores without published operator timings use the M4's cycles per instruction. */
export function baseFormulas(): Readonly<Record<string, Formula>> {
  const m4 = boardFormula('STM32F446')
  const cpi = Number(m4.cpi.toFixed(2))
  return {
    'cmsis-nn-dsp': m4,
    'cmsis-nn-dsp.stm32l552': boardFormula('STM32L552'),
    'cmsis-nn-dsp.nrf52832': boardFormula('nRF52832'),
    'cmsis-nn-mve': sweepFormula('cmsis_nn', 'm55', /^7/, 1.2),
    'cmsis-nn': sweepFormula('cmsis_nn', 'm0p', /^7/, cpi),
    reference: sweepFormula('tflm_reference', 'm4', /./, cpi),
    'own-dsp': generatedFormula('cortex-m4', cpi),
    own: sweepFormula('own_kernel', 'm4', /own-plain/, cpi),
    'own-m0plus': generatedFormula('cortex-m0', cpi),
    'own-rv32': sweepFormula('own_kernel', 'rv32imc', /own-plain/, cpi),
  }
}

const groupIndex = termNames.map((t) => termGroups.indexOf(groupOf(t)))

/** Groups of a price list, each summed over a network: the features that target scale factors multiply. */
export function groupSums(terms: Float64Array, prices: Float64Array): Float64Array {
  const sums = new Float64Array(termGroups.length)
  for (let t = 0; t < terms.length; t++) sums[groupIndex[t]!]! += terms[t]! * prices[t]!
  return sums
}
