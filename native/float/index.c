// All float kernels in one unit, compiled once for each instruction set: its flags choose the width, -DFUSED the rounding, -DTABLE the name.
#include "kernels.h"
#include "simd.h"

#include "gemm.c"
#include "norm.c"
#include "image.c"
#include "conv.c"
#include "matrix.c"
#include "slab.c"
#include "correlate.c"
#include "weight-gradient.c"
#include "depthwise.c"
#include "elementwise.c"
#include "optimizer.c"
#include "pool.c"
#include "quantise.c"

// Losses stay in WebAssembly: a handful of logits, and one truth about exp and log.
#define KERNELS(VOID, DOUBLE)                                                                                                                \
  VOID(matrixForward, 12, I(0), I(1), I(2), P(3), P(4), A(5), P(6), P(7), D(8), P(9), I(10), P(11))                                          \
  VOID(matrixBackward, 18, I(0), I(1), I(2), P(3), P(4), P(5), P(6), A(7), P(8), P(9), A(10), P(11), P(12), P(13), D(14), P(15), I(16),      \
       P(17))                                                                                                                                \
  VOID(convForward, 26, I(0), I(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12), I(13), I(14), I(15), I(16), P(17),  \
       P(18), A(19), P(20), P(21), D(22), P(23), I(24), P(25))                                                                               \
  VOID(convBackward, 32, I(0), I(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12), I(13), I(14), I(15), I(16), P(17), \
       P(18), P(19), P(20), A(21), P(22), P(23), A(24), P(25), P(26), P(27), D(28), P(29), I(30), P(31))                                     \
  VOID(depthwiseForward, 22, I(0), I(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12), I(13), P(14), P(15), A(16),    \
       P(17), P(18), D(19), P(20), P(21))                                                                                                    \
  VOID(depthwiseBackward, 28, I(0), I(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12), I(13), P(14), P(15), P(16),   \
       P(17), A(18), P(19), P(20), A(21), P(22), P(23), P(24), D(25), P(26), P(27))                                                          \
  VOID(snapColumns, 6, I(0), I(1), P(2), I(3), I(4), P(5))                                                                                   \
  VOID(pack, 4, I(0), I(1), P(2), P(3))                                                                                                      \
  VOID(packTransposed, 4, I(0), I(1), P(2), P(3))                                                                                            \
  VOID(normPrepare, 10, I(0), I(1), D(2), P(3), P(4), P(5), P(6), F(7), F(8), P(9))                                                          \
  VOID(normFreeze, 7, I(0), P(1), P(2), P(3), P(4), F(5), P(6))                                                                              \
  VOID(biasPrepare, 3, I(0), P(1), P(2))                                                                                                     \
  VOID(normApply, 6, I(0), I(1), P(2), P(3), A(4), P(5))                                                                                     \
  VOID(normReduce, 8, I(0), I(1), P(2), P(3), P(4), A(5), D(6), P(7))                                                                        \
  VOID(rescaleAffine, 5, I(0), I(1), F(2), F(3), P(4))                                                                                       \
  VOID(normGradient, 8, I(0), I(1), D(2), P(3), I(4), P(5), P(6), P(7))                                                                      \
  VOID(averageForward, 15, I(0), I(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), P(12), A(13), P(14))                    \
  VOID(averageBackward, 16, I(0), I(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), P(12), A(13), P(14), P(15))            \
  VOID(maxForward, 15, I(0), I(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), P(12), A(13), P(14))                        \
  VOID(maxBackward, 17, I(0), I(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), P(12), P(13), A(14), P(15), P(16))         \
  VOID(meanForward, 5, I(0), I(1), I(2), P(3), P(4))                                                                                         \
  VOID(meanBackward, 5, I(0), I(1), I(2), P(3), P(4))                                                                                        \
  VOID(addForward, 10, I(0), I(1), P(2), P(3), A(4), P(5), P(6), A(7), A(8), P(9))                                                           \
  VOID(mulForward, 7, I(0), I(1), I(2), P(3), P(4), A(5), P(6))                                                                              \
  VOID(mulBackward, 8, I(0), I(1), I(2), P(3), P(4), P(5), P(6), P(7))                                                                       \
  VOID(hardSwishForward, 7, I(0), I(1), P(2), P(3), A(4), A(5), P(6))                                                                        \
  VOID(hardSwishBackward, 7, I(0), I(1), P(2), P(3), A(4), P(5), P(6))                                                                       \
  VOID(maskBackward, 5, I(0), P(1), A(2), P(3), P(4))                                                                                        \
  VOID(activateInPlace, 3, I(0), P(1), A(2))                                                                                                 \
  VOID(addInto, 3, I(0), P(1), P(2))                                                                                                         \
  VOID(sum, 4, I(0), P(1), P(2), P(3))                                                                                                       \
  VOID(scale, 3, I(0), P(1), F(2))                                                                                                           \
  VOID(fill, 3, I(0), P(1), F(2))                                                                                                            \
  VOID(restride, 5, I(0), I(1), I(2), P(3), P(4))                                                                                            \
  DOUBLE(squaredNorm, 2, I(0), P(1))                                                                                                         \
  VOID(sgd, 8, I(0), P(1), P(2), P(3), F(4), F(5), F(6), F(7))                                                                               \
  VOID(adamw, 13, I(0), P(1), P(2), P(3), P(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12))

KERNELS(DEFINE, DEFINE_RESULT)

extern const Kernel TABLE[];
const Kernel TABLE[] = {KERNELS(ROW, ROW){0}};
