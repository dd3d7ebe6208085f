// A kernel as the binding calls it. Kernels are compiled once for each instruction set, each time into a table of its own.
#pragma once

/** `memory`: the WebAssembly memory; arguments as JavaScript gives them, addresses being byte offsets into it. */
typedef double (*Call)(char *memory, const double *arguments);

typedef struct {
  const char *name;
  int arity;
  Call call;
} Kernel;

#define MOST_ARGUMENTS 32

// Arguments by position: a count or a code, a float, a byte offset that may be 0 for "none", an activation.
#define I(i) ((int)arguments[i])
#define F(i) ((float)arguments[i])
#define AT(i, type) (arguments[i] == 0 ? (type *)0 : (type *)(memory + (unsigned long long)arguments[i]))
#define P(i) AT(i, float)
#define D(i) AT(i, double)
#define A(i) ((Activation){(int)(unsigned)arguments[i], arguments[i] > 3 ? P(i) : (float *)0})

#define DEFINE(name, arity, ...)                                                                                                             \
  static double call_##name(char *memory, const double *arguments) {                                                                         \
    name(__VA_ARGS__);                                                                                                                       \
    return 0;                                                                                                                                \
  }
#define DEFINE_RESULT(name, arity, ...)                                                                                                      \
  static double call_##name(char *memory, const double *arguments) { return name(__VA_ARGS__); }
#define ROW(name, arity, ...) {#name, arity, call_##name},
