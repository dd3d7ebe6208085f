import type { QuantizedModel } from '../../quant/model.ts'
import { frontEndNames } from '../c/log-mel.ts'
import type { ExportMeta } from '../meta.ts'
import type { Golden } from '../sample.ts'
import { linkerTemplate, portHeader, portSource, startupSource } from './bare-metal.ts'
import { cFiles, sourcesOf } from './c.ts'
import { type ExportFile, safeName } from './file.ts'

/** Bare firmware for Cortex-M by plain CMake and arm-none-eabi-gcc: it tests itself, and says what it hears in a recording. */
export function cmakeBundle(model: QuantizedModel, meta: ExportMeta, golden: Golden): ExportFile[] {
  const files = cFiles(model, meta, golden, 'network/')
  const hears = sourcesOf(files).includes(frontEndNames.source)
  return [
    ...files,
    { path: 'main.c', data: mainText(hears, meta.labels.length > 0) },
    { path: 'port/port.h', data: portHeader },
    { path: 'port/semihosting.c', data: portSource },
    { path: 'port/startup.c', data: startupSource },
    { path: 'port/link.ld.in', data: linkerTemplate },
    { path: 'cmake/arm-none-eabi.cmake', data: toolchain },
    { path: 'CMakeLists.txt', data: lists(safeName(meta.name), sourcesOf(files)) },
    { path: 'README.md', data: readme(meta.name, hears) },
  ]
}

const toolchain = `# Made by tinyfront. CORE: cortex-m0plus, cortex-m4, cortex-m33 or cortex-m55.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CORE "cortex-m4" CACHE STRING "processor")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CORE)
set(FLAGS_cortex-m0plus "")
set(FLAGS_cortex-m4 "-mfloat-abi=hard -mfpu=fpv4-sp-d16")
set(FLAGS_cortex-m33 "-mfloat-abi=hard -mfpu=fpv5-sp-d16")
set(FLAGS_cortex-m55 "-mfloat-abi=hard")
if(NOT DEFINED FLAGS_\${CORE})
  message(FATAL_ERROR "CORE=\${CORE}: one of cortex-m0plus, cortex-m4, cortex-m33, cortex-m55")
endif()
set(CMAKE_C_FLAGS_INIT "-mcpu=\${CORE} -mthumb \${FLAGS_\${CORE}} -ffreestanding -ffunction-sections -fdata-sections")
`

const lists = (project: string, sources: readonly string[]): string => `# Made by tinyfront.
cmake_minimum_required(VERSION 3.16)
project(${project} C)
set(CMAKE_C_STANDARD 99)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2")

add_library(tinyfront_network STATIC ${sources.map((file) => `network/${file}`).join(' ')})
target_include_directories(tinyfront_network PUBLIC network)

# Memory of your chip; these are the boards that QEMU emulates.
set(MEMORY_cortex-m0plus 0x00000000 2048K 0x20000000 2048K)
set(MEMORY_cortex-m4 0x00000000 4096K 0x20000000 4096K)
set(MEMORY_cortex-m33 0x10000000 4096K 0x38000000 4096K)
set(MEMORY_cortex-m55 0x00000000 512K 0x21000000 2048K)
list(GET MEMORY_\${CORE} 0 flash)
list(GET MEMORY_\${CORE} 1 flash_bytes)
list(GET MEMORY_\${CORE} 2 ram)
list(GET MEMORY_\${CORE} 3 ram_bytes)
set(FLASH_ORIGIN \${flash} CACHE STRING "where flash begins")
set(FLASH_BYTES \${flash_bytes} CACHE STRING "size of flash")
set(RAM_ORIGIN \${ram} CACHE STRING "where RAM begins")
set(RAM_BYTES \${ram_bytes} CACHE STRING "size of RAM")
configure_file(port/link.ld.in link.ld @ONLY)

add_executable(firmware.elf main.c port/startup.c port/semihosting.c)
target_include_directories(firmware.elf PRIVATE port)
# without it gcc turns the loops of startup into calls of memcpy and memset
set_source_files_properties(port/startup.c PROPERTIES COMPILE_OPTIONS -fno-tree-loop-distribute-patterns)
target_link_libraries(firmware.elf PRIVATE tinyfront_network)
target_link_options(firmware.elf PRIVATE -nostartfiles -Wl,--gc-sections -T \${CMAKE_CURRENT_BINARY_DIR}/link.ld)
`

const mainText = (
  hears: boolean,
  hasLabels: boolean,
): string => `/* Made by tinyfront. Prints whether the network computes here what it computed when it was made. */
#include "port.h"
#include "tinyfront_meta.h"
#include "tinyfront_sample.h"
${hears ? '#include "tinyfront_features.h"\n' : ''}
static void say_answer(const int8_t *output) {
${hasLabels ? '  port_say(tinyfront_label(tinyfront_best(output)));' : '  port_say_number(output[0]); /* int8; tinyfront_value() makes the value of it */'}
  port_say("\\n");
}
${hears ? hearing : ''}
int main(void) {
  const int wrong = tinyfront_self_test();
  port_say(wrong == 0 ? "self test: right\\n" : "self test: WRONG\\n");
  if (wrong) return 1;
${hears ? '  return hear_file("recording.wav");' : '  say_answer(tinyfront_output());\n  return 0;'}
}
`

const hearing = `
static int8_t input[TINYFRONT_INPUT_BYTES], output[TINYFRONT_OUTPUT_BYTES];
static int16_t window[TINYFRONT_WINDOW_SAMPLES];

static uint32_t little(const uint8_t *at, int bytes) {
  uint32_t value = 0;
  while (bytes--) value = value << 8 | at[bytes];
  return value;
}

/* Bytes of samples that follow in a WAV file; 0 = another kind of file. */
static uint32_t samples_of(int32_t file) {
  uint8_t part[16];
  int known = 0;
  if (port_read(file, part, 12) != 12 || little(part, 4) != 0x46464952u || little(part + 8, 4) != 0x45564157u) return 0;
  while (port_read(file, part, 8) == 8) {
    const uint32_t name = little(part, 4);
    uint32_t bytes = little(part + 4, 4);
    if (name == 0x61746164u) return known ? bytes : 0;
    if (name == 0x20746d66u && bytes >= 16) {
      if (port_read(file, part, 16) != 16) return 0;
      known = little(part, 2) == 1 && little(part + 2, 2) == 1 && little(part + 4, 4) == TINYFRONT_SAMPLE_RATE && little(part + 14, 2) == 16;
      bytes -= 16;
    }
    for (bytes += bytes & 1u; bytes; bytes--)
      if (port_read(file, part, 1) != 1) return 0;
  }
  return 0;
}

/* The first clip of a recording, row by row; what is missing at its end is silence. */
static int hear_file(const char *name) {
  const int32_t file = port_open(name);
  uint32_t left;
  int32_t row, i, from = 0;
  if (file < 0) return 0; /* none is there */
  left = samples_of(file) / 2;
  if (left == 0) {
    port_say("the recording is no WAV of one channel, 16 bits, at the network's rate\\n");
    return 2;
  }
  if (left > TINYFRONT_CLIP_SAMPLES) left = TINYFRONT_CLIP_SAMPLES;
  for (row = 0; row < TINYFRONT_FRAMES; row++) {
    for (i = 0; i < from; i++) window[i] = window[i + TINYFRONT_WINDOW_SAMPLES - from];
    for (i = from; i < TINYFRONT_WINDOW_SAMPLES; i++) {
      window[i] = 0;
      if (left > 0 && left-- && port_read(file, &window[i], 2) != 2) window[i] = 0;
    }
    tinyfront_frame(window, input + row * TINYFRONT_MELS);
    from = TINYFRONT_WINDOW_SAMPLES - TINYFRONT_HOP_SAMPLES;
    if (from < 0) { /* samples between two windows are not heard */
      int16_t unheard;
      for (; from < 0; from++)
        if (left > 0 && left-- && port_read(file, &unheard, 2) != 2) left = 0;
    }
  }
  tinyfront_invoke(input, output);
  port_say("hears: ");
  say_answer(output);
  return 0;
}
`

const readme = (name: string, hears: boolean): string => `# ${name}: bare firmware for Cortex-M

    cmake -B build -DCMAKE_TOOLCHAIN_FILE=cmake/arm-none-eabi.cmake -DCORE=cortex-m4
    cmake --build build

CORE is cortex-m0plus, cortex-m4, cortex-m33 or cortex-m55. The firmware prints whether its self-test is right${hears ? ', and what it hears in `recording.wav`\n(one channel, 16 bits) in the folder where the emulator or debugger runs' : ''}. It prints by semihosting: a debugger or QEMU must be attached.

    qemu-system-arm -M mps2-an386 -nodefaults -display none -semihosting -kernel build/firmware.elf

The memory is that of QEMU's boards (M0+: microbit, with more of it; M4: mps2-an386, M33: mps2-an505, M55: mps3-an547). For a chip of your own pass
FLASH_ORIGIN, FLASH_BYTES, RAM_ORIGIN and RAM_BYTES with -D, and write \`port.h\` for its UART. Your firmware needs only \`network/\`.
`
