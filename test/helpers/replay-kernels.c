// Replays calls of float kernels that WebAssembly answered, on whatever machine this was compiled for: `replay FILE` prints every kernel whose
// memory differs, and at the end how many calls there were. See kernel-replay.ts for the format.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels.h"

extern const Kernel TABLE[];

typedef struct {
  char name[32];
  double arguments[MOST_ARGUMENTS];
  double result;
  int first, bytes;
} Call_;

static int isNan(unsigned v) { return (v & 0x7fffffff) > 0x7f800000; }

int main(int count, char **arguments) {
  FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
  if (!file) return 2;
  char *memory = malloc(1 << 20), *expected = malloc(1 << 20);
  Call_ call;
  int calls = 0;
  while (fread(&call, sizeof call, 1, file) == 1) {
    if (fread(memory + call.first, 1, call.bytes, file) != (size_t)call.bytes || fread(expected, 1, call.bytes, file) != (size_t)call.bytes) return 2;
    const Kernel *kernel = TABLE;
    while (kernel->name && strcmp(kernel->name, call.name)) kernel++;
    if (!kernel->name) {
      printf("%s is missing\n", call.name);
      continue;
    }
    const double result = kernel->call(memory, call.arguments);
    int same = result == call.result || (result != result && call.result != call.result);
    for (int i = 0; i < call.bytes; i += 4) {
      unsigned a, b;
      memcpy(&a, memory + call.first + i, 4);
      memcpy(&b, expected + i, 4);
      if (a != b && !(isNan(a) && isNan(b))) same = 0;
    }
    if (!same) printf("%s differs\n", call.name);
    calls++;
  }
  printf("%d calls\n", calls);
  return 0;
}
