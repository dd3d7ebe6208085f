// Node-API: hands the kernels to JavaScript under the names and with the arguments of their WebAssembly twins.
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include "kernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

extern const Kernel float_baseline[];
#if defined(__x86_64__)
extern const Kernel float_avx2[], float_avx2_fused[], int8_avx2[], int8_vnni[];
#elif defined(__aarch64__)
extern const Kernel float_neon_fused[];
#endif

/** What one set of functions works on: the memory, and where JavaScript leaves arguments and finds the result (a call that converts values takes longer). */
typedef struct {
  char *memory;
  double *slots;
} Instance;

typedef struct {
  const Kernel *kernel;
  Instance *instance;
} Bound;

static napi_value call(napi_env env, napi_callback_info info) {
  void *data;
  napi_get_cb_info(env, info, NULL, NULL, NULL, &data);
  const Bound *bound = data;
  const Instance *instance = bound->instance;
  instance->slots[0] = bound->kernel->call(instance->memory, instance->slots);
  return NULL;
}

/** (memory, slots): two ArrayBuffers to work on from now on. Growing a WebAssembly memory makes another buffer. */
static napi_value bind(napi_env env, napi_callback_info info) {
  size_t count = 2, bytes, slotBytes;
  napi_value buffers[2];
  void *data, *memory, *slots;
  napi_get_cb_info(env, info, &count, buffers, NULL, &data);
  if (count != 2 || napi_get_arraybuffer_info(env, buffers[0], &memory, &bytes) != napi_ok ||
      napi_get_arraybuffer_info(env, buffers[1], &slots, &slotBytes) != napi_ok || slotBytes < MOST_ARGUMENTS * sizeof(double)) {
    napi_throw_type_error(env, NULL, "bind takes the memory and 32 doubles");
    return NULL;
  }
  *(Instance *)data = (Instance){memory, slots};
#if defined(MADV_HUGEPAGE)
  // Tensors of megabytes are walked from end to end: pages of 2 MB instead of 4 kB spare a miss of the translation cache every 1024 floats.
  madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return NULL;
}

static void set(napi_env env, napi_value object, const char *name, napi_callback function, void *data) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, data, &value);
  napi_set_named_property(env, object, name, value);
}

static void setText(napi_env env, napi_value object, const char *name, const char *text) {
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, name, value);
}

static const Kernel none[] = {{0}};

/** The widest kernels that this CPU runs; int8 where they gain over WebAssembly's. */
static const Kernel *int8Kernels(const char **instructions) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl")) {
    *instructions = "avx512 vnni";
    return int8_vnni;
  }
  if (__builtin_cpu_supports("avx2")) {
    *instructions = "avx2";
    return int8_avx2;
  }
#endif
  *instructions = "none";
  return none;
}

/** Kernels without fused products stand in where the CPU has none: relaxed WebAssembly does the same. */
static const Kernel *floatKernels(bool fused, const char **instructions) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && (!fused || __builtin_cpu_supports("fma"))) {
    *instructions = fused ? "avx2 fma" : "avx2";
    return fused ? float_avx2_fused : float_avx2;
  }
  *instructions = "sse2";
#elif defined(__aarch64__)
  *instructions = fused ? "neon fma" : "neon";
  if (fused) return float_neon_fused;
#else
  *instructions = "baseline";
#endif
  return float_baseline;
}

/** (kind: 0 float, 1 float with fused products, 2 int8) -> { instructions, bind, kernels }, kernels being functions without arguments. Made once a thread and kept: nothing is freed. */
static napi_value instantiate(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t kind = 0;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  napi_get_value_int32(env, argument, &kind);
  const char *instructions;
  const Kernel *kernels = kind == 2 ? int8Kernels(&instructions) : floatKernels(kind == 1, &instructions);
  napi_value result, functions;
  napi_create_object(env, &result);
  napi_create_object(env, &functions);
  Instance *instance = calloc(1, sizeof *instance);
  for (const Kernel *k = kernels; k->name; k++) {
    Bound *bound = malloc(sizeof *bound);
    *bound = (Bound){k, instance};
    set(env, functions, k->name, call, bound);
  }
  setText(env, result, "instructions", instructions);
  set(env, result, "bind", bind, instance);
  napi_set_named_property(env, result, "kernels", functions);
  return result;
}

NAPI_MODULE_INIT() {
#if defined(__x86_64__)
  // A library linked with -ffast-math flushes denormal numbers of the thread that loads it. Not here.
  _mm_setcsr(0x1f80);
  __builtin_cpu_init();
#endif
  set(env, exports, "instantiate", instantiate, NULL);
  return exports;
}
