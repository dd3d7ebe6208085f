import { inputsMagic } from './harness.ts'

/** The program around a front end: takes windows of samples from memory and prints, for each, `R row ticks wrapped`, the row in hexadecimal. */
export const frontEndHarness = (header: string): string => `#include "bare.h"
#include "${header}"
#define REGISTER(address) (*(volatile uint32_t *)(address))
static int8_t row[TINYFRONT_MELS];

int run(void) {
  const uint32_t *const block = (const uint32_t *)INPUTS;
  const int16_t *samples = (const int16_t *)(block + 4);
  if (block[0] != 0x${inputsMagic.toString(16)}u) return 3;
  for (uint32_t n = 0; n < block[1]; n++, samples += TINYFRONT_WINDOW_SAMPLES) {
    REGISTER(0xE000E014u) = 0xFFFFFFu;
    REGISTER(0xE000E018u) = 0u;
    REGISTER(0xE000E010u) = 5u;
    const uint32_t from = REGISTER(0xE000E018u);
    tinyfront_frame(samples, row);
    const uint32_t to = REGISTER(0xE000E018u), wrapped = (REGISTER(0xE000E010u) >> 16) & 1u;
    put_text("R ");
    for (int32_t m = 0; m < TINYFRONT_MELS; m++) {
      char text[3] = {"0123456789abcdef"[(uint8_t)row[m] >> 4], "0123456789abcdef"[(uint8_t)row[m] & 15u], 0};
      put_text(text);
    }
    put_text(" ");
    put_number((from - to) & 0xFFFFFFu);
    put_text(" ");
    put_number(wrapped);
    put_text("\\n");
  }
  put_text("DONE\\n");
  return 0;
}
`
