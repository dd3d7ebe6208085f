// The int8 kernels that gain from 256 bits, in one unit; the others stay in WebAssembly.
#include "kernels.h"

#include "rescale.c"
#include "layers.c"
#include "others.c"

#define B(i) (memory + (unsigned long long)arguments[i])

#define KERNELS(VOID)                                                                                                                        \
  VOID(int8Centre, 4, I(0), B(1), B(2), I(3))                                                                                                \
  VOID(int8Uncentre, 4, I(0), B(1), B(2), I(3))                                                                                              \
  VOID(int8Convolve, 13, I(0), I(1), I(2), I(3), (size_t)arguments[4], B(5), B(6), B(7), B(8), B(9), I(10), I(11), I(12))                    \
  VOID(int8Depthwise, 12, I(0), I(1), I(2), B(3), B(4), B(5), B(6), B(7), B(8), I(9), I(10), I(11))                                          \
  VOID(int8AddOnce, 10, I(0), B(1), B(2), B(3), I(4), I(5), I(6), I(7), I(8), I(9))                                                          \
  VOID(int8AddTwice, 13, I(0), B(1), B(2), B(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12))                                    \
  VOID(int8Mul, 10, I(0), I(1), I(2), B(3), B(4), B(5), B(6), I(7), I(8), I(9))                                                              \
  VOID(int8Mean, 9, I(0), I(1), I(2), B(3), B(4), B(5), I(6), I(7), I(8))

KERNELS(DEFINE)

extern const Kernel TABLE[];
const Kernel TABLE[] = {KERNELS(ROW){0}};
