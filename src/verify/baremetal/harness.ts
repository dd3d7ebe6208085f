import type { CFiles } from '../../export/c/generate.ts'

/** First word of the block of inputs in the guest's memory, followed by their number and two words of nothing. */
export const inputsMagic = 0x56454331

/**
 * The program around the network: takes inputs from memory (QEMU's loader puts them there), runs each, and prints lines
 *
 *     L input operator checksum ticks wrapped    with CHECK_LAYERS: FNV-1a of the tensor behind each operator, SysTick ticks that it took
 *     V input stack ticks wrapped                without: bytes of stack, SysTick ticks of the network; `wrapped` = the timer ran over
 */
export function harness(files: CFiles): string {
  return `#include "bare.h"
#include "${files.headerName}"
#define REGISTER(address) (*(volatile uint32_t *)(address))
static uint32_t input;
static int8_t result[TINYFRONT_OUTPUT_BYTES];

/* SysTick counts the processor's clock down from here. */
static uint32_t start_timer(void) {
  REGISTER(0xE000E014u) = 0xFFFFFFu;
  REGISTER(0xE000E018u) = 0u;
  REGISTER(0xE000E010u) = 5u;
  return REGISTER(0xE000E018u);
}

static void put_ticks(uint32_t from, uint32_t to, uint32_t wrapped) {
  put_text(" ");
  put_number((from - to) & 0xFFFFFFu);
  put_text(" ");
  put_number(wrapped);
  put_text("\\n");
}

#if defined(CHECK_LAYERS)
static uint32_t layer_from;

void on_layer(int op, const int8_t *data, int32_t bytes) {
  const uint32_t to = REGISTER(0xE000E018u), wrapped = (REGISTER(0xE000E010u) >> 16) & 1u;
  uint32_t hash = 2166136261u;
  for (int32_t i = 0; i < bytes; i++) hash = (hash ^ (uint8_t)data[i]) * 16777619u;
  put_text("L ");
  put_number(input);
  put_text(" ");
  put_number((uint32_t)op);
  put_text(" ");
  put_number(hash);
  put_ticks(layer_from, to, wrapped);
  layer_from = start_timer();
}
#endif

/* RAM starts as zeros here: another pattern each time shows what is read before it is written. */
static void dirty_arena(void) {
  volatile int8_t *const arena = tinyfront_input() - ${files.inputOffset};
  for (int32_t i = 0; i < TINYFRONT_ARENA_BYTES; i++) arena[i] = (int8_t)(0xA5u + 29u * input + (uint32_t)i);
}

__attribute__((noinline)) static void infer(const int8_t *values) {
  dirty_arena();
#if defined(CHECK_LAYERS)
  layer_from = start_timer();
  tinyfront_invoke(values, result);
#else
  uint32_t *sp;
  paint_stack();
  __asm volatile("mov %0, sp" : "=r"(sp));
  const uint32_t from = start_timer();
  tinyfront_invoke(values, result);
  const uint32_t to = REGISTER(0xE000E018u), wrapped = (REGISTER(0xE000E010u) >> 16) & 1u;
  extern uint32_t stack_top[];
  const uint32_t own = (uint32_t)((char *)stack_top - (char *)sp), used = stack_used();
  put_text("V ");
  put_number(input);
  put_text(" ");
  put_number(used > own ? used - own : 0u);
  put_ticks(from, to, wrapped);
#endif
}

int run(void) {
  const uint32_t *const block = (const uint32_t *)INPUTS;
  if (block[0] != 0x${inputsMagic.toString(16)}u) return 3;
  const int8_t *values = (const int8_t *)(block + 4);
  for (input = 0; input < block[1]; input++, values += TINYFRONT_INPUT_BYTES) infer(values);
  put_text("DONE\\n");
  return 0;
}
`
}
