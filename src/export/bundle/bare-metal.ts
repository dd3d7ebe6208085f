/** What stands between a bare Cortex-M and `main`: start-up, linker script, and text and files by semihosting. No vendor header, no libc. */
export const portHeader = `/* Made by tinyfront. What the firmware asks of its board; semihosting.c does it where a debugger or QEMU is attached. */
#ifndef PORT_H
#define PORT_H
#include <stdint.h>
void port_say(const char *text);
void port_say_number(int32_t value);
int32_t port_open(const char *name);                          /* a file to read; below 0 = there is none */
int32_t port_read(int32_t file, void *into, int32_t bytes);   /* how many bytes were read */
void port_leave(int code);
#endif
`

export const portSource = `/* Made by tinyfront. */
#include "port.h"

static int32_t host(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return (int32_t)r0;
}

void port_say(const char *text) { host(0x04, text); } /* SYS_WRITE0 */

void port_say_number(int32_t value) {
  char text[12];
  uint32_t rest = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
  int i = 11;
  text[i] = 0;
  do text[--i] = (char)('0' + rest % 10u);
  while (rest /= 10u);
  if (value < 0) text[--i] = '-';
  port_say(text + i);
}

int32_t port_open(const char *name) {
  uint32_t block[3] = {(uint32_t)(uintptr_t)name, 1, 0}; /* "rb" */
  while (name[block[2]]) block[2]++;
  return host(0x01, block); /* SYS_OPEN */
}

int32_t port_read(int32_t file, void *into, int32_t bytes) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)(uintptr_t)into, (uint32_t)bytes};
  return bytes - host(0x06, block); /* SYS_READ says how many are missing */
}

void port_leave(int code) {
  const uint32_t block[2] = {0x20026u, (uint32_t)code}; /* ADP_Stopped_ApplicationExit */
  host(0x20, block);                                    /* SYS_EXIT_EXTENDED */
  for (;;) {
  }
}
`

export const startupSource = `/* Made by tinyfront. */
#include "port.h"
extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];
int main(void);

static void fault(void) {
  port_say("FAULT\\n");
  port_leave(70);
}

void reset_handler(void) {
  uint32_t *from = data_load, *to;
#if !defined(__ARM_ARCH_6M__)
  *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: FPU and MVE on */
  __asm__ volatile("dsb\\n isb" ::: "memory");
#endif
  for (to = data_start; to < data_end;) *to++ = *from++;
  for (to = bss_start; to < bss_end;) *to++ = 0;
  port_leave(main());
}

__attribute__((section(".vectors"), used)) void (*const vectors[16])(void) = {
    (void (*)(void))stack_top, reset_handler, fault, fault, fault, fault, fault, fault, 0, 0, 0, fault, fault, 0, fault, fault};
`

export const linkerTemplate = `MEMORY {
  FLASH (rx)  : ORIGIN = @FLASH_ORIGIN@, LENGTH = @FLASH_BYTES@
  RAM   (rwx) : ORIGIN = @RAM_ORIGIN@, LENGTH = @RAM_BYTES@
}
ENTRY(reset_handler)
SECTIONS {
  .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) . = ALIGN(8); } > FLASH
  .ARM.exidx : { *(.ARM.exidx*) } > FLASH
  data_load = LOADADDR(.data);
  /* the stack lies lowest, so that an overflow leaves RAM instead of spoiling variables */
  .stack (NOLOAD) : { . += 8192; . = ALIGN(8); stack_top = .; } > RAM
  .data : { . = ALIGN(8); data_start = .; *(.data*) . = ALIGN(8); data_end = .; } > RAM AT > FLASH
  .bss (NOLOAD) : { . = ALIGN(8); bss_start = .; *(.bss*) *(COMMON) . = ALIGN(8); bss_end = .; } > RAM
}
`
