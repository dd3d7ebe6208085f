import type { Core } from '../cores.ts'

/** Bytes of stack in the emulated program. The kernels need a few hundred. */
export const stackBytes = 8192

/**
 * Linker script of one core. The stack lies lowest in RAM, so that an overflow leaves RAM or meets the guard instead of spoiling variables.
 * "region CODE overflowed" and "region RAM overflowed" are how the linker says that a network does not fit.
 */
export function linkerScript(core: Core): string {
  const hex = (n: number) => `0x${n.toString(16)}`
  return `MEMORY {
  CODE (rx)  : ORIGIN = ${hex(core.code[0])}, LENGTH = ${core.code[1]}
  RAM  (rwx) : ORIGIN = ${hex(core.ram[0])}, LENGTH = ${core.ram[1]}
}
ENTRY(reset_handler)
SECTIONS {
  .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) . = ALIGN(8); } > CODE
  .ARM.exidx : { *(.ARM.exidx*) } > CODE
  data_load = LOADADDR(.data);
  .stack (NOLOAD) : { stack_limit = .; . += ${stackBytes}; . = ALIGN(8); stack_top = .; } > RAM
  .faultstack (NOLOAD) : { . += 512; fault_stack_top = .; } > RAM
  .data : { . = ALIGN(8); data_start = .; *(.data*) . = ALIGN(8); data_end = .; } > RAM AT > CODE
  .bss (NOLOAD) : { . = ALIGN(8); bss_start = .; *(.bss*) *(COMMON) . = ALIGN(8); bss_end = .; } > RAM
  /DISCARD/ : { *(.comment) *(.ARM.attributes) }
}
`
}
