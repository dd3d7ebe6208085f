/**
 * Start-up code of a bare Cortex-M under QEMU: vectors, fault reports, stack guard and stack painting. No vendor header, no libc.
 * Exit code 70 + exception number after a fault; the report goes out by semihosting first.
 */
export const startup = `#include "bare.h"
extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[], stack_limit[];
#define REGISTER(address) (*(volatile uint32_t *)(address))

/* frame: what the core pushed (r0 r1 r2 r3 r12 lr pc psr) */
void report_fault(const uint32_t *frame, uint32_t exception) {
  put_text("FAULT exception ");
  put_number(exception);
  put_text(" pc ");
  put_hex(frame[6]);
  put_text(" lr ");
  put_hex(frame[5]);
#if !defined(__ARM_ARCH_6M__)
  put_text(" cfsr ");
  put_hex(REGISTER(0xE000ED28u));
  put_text(" bfar ");
  put_hex(REGISTER(0xE000ED38u));
#endif
  put_text("\\n");
  leave(70 + (int)exception);
}

/* The stack may be what overflowed: report on another one. */
__attribute__((naked)) void fault_handler(void) {
  __asm volatile("mrs r0, msp\\n mrs r1, ipsr\\n ldr r2, =fault_stack_top\\n mov sp, r2\\n bl report_fault\\n b .\\n");
}

/* Fills the free stack with a pattern; stack_used() finds how deep it was overwritten since. */
#define PAINT 0xC5C5C5C5u
#define GUARD_WORDS 16
void paint_stack(void) {
  uint32_t *sp;
  __asm volatile("mov %0, sp" : "=r"(sp));
  for (uint32_t *p = stack_limit + GUARD_WORDS; p < sp - 8; p++) *p = PAINT;
}
uint32_t stack_used(void) {
  const uint32_t *p = stack_limit + GUARD_WORDS;
  while (p < stack_top && *p == PAINT) p++;
  return (uint32_t)((const char *)stack_top - (const char *)p);
}

void reset_handler(void) {
#if !defined(__ARM_ARCH_6M__)
  REGISTER(0xE000ED88u) |= 0xFu << 20; /* CPACR: FPU and MVE on */
  REGISTER(0xE000ED24u) |= 7u << 16;   /* SHCSR: memory, bus and usage faults of their own */
  REGISTER(0xE000ED14u) |= 1u << 4;    /* CCR: division by zero is a fault */
  __asm volatile("dsb\\n isb" ::: "memory");
#if defined(__ARM_ARCH_7M__) || defined(__ARM_ARCH_7EM__)
  /* no stack limit register: an MPU region forbids the lowest 32 bytes of the stack */
  REGISTER(0xE000ED98u) = 7u;
  REGISTER(0xE000ED9Cu) = ((uint32_t)(uintptr_t)stack_limit + 31u) & ~31u;
  REGISTER(0xE000EDA0u) = (4u << 1) | 1u;
  REGISTER(0xE000ED94u) = 5u;
  __asm volatile("dsb\\n isb" ::: "memory");
#else
  __asm volatile("msr msplim, %0" ::"r"(stack_limit));
#endif
#endif
  for (uint32_t *from = data_load, *to = data_start; to < data_end;) *to++ = *from++;
  for (uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
  paint_stack();
  leave(run());
}

#define FAULT fault_handler
__attribute__((section(".vectors"), used)) void (*const vectors[16])(void) = {
    (void (*)(void))stack_top, reset_handler, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, 0, 0, 0, FAULT, FAULT, 0, FAULT, FAULT};
`

/** Semihosting: text to the host's standard output and an exit code. */
export const bareHeader = `#ifndef BARE_H
#define BARE_H
#include <stdint.h>
static inline uint32_t host_call(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm("r0") = operation;
  register const void *r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}
static inline void put_text(const char *text) { host_call(0x04, text); } /* SYS_WRITE0 */
static inline void put_number(uint32_t value) {
  char text[12];
  int i = 11;
  text[i] = 0;
  do text[--i] = (char)('0' + value % 10u);
  while (value /= 10u);
  put_text(text + i);
}
static inline void put_hex(uint32_t value) {
  char text[9];
  text[8] = 0;
  for (int i = 7; i >= 0; i--, value >>= 4) text[i] = (char)((value & 15u) < 10u ? '0' + (value & 15u) : 'a' + (value & 15u) - 10);
  put_text(text);
}
static inline void leave(int code) {
  const uint32_t block[2] = {0x20026u, (uint32_t)code}; /* ADP_Stopped_ApplicationExit */
  host_call(0x20, block);                               /* SYS_EXIT_EXTENDED */
  for (;;) {
  }
}
void paint_stack(void);
uint32_t stack_used(void);
int run(void);
#endif
`
