import type { QuantizedModel } from '../../quant/model.ts'
import type { ExportMeta } from '../meta.ts'
import type { Golden } from '../sample.ts'
import { arduinoBundle } from './arduino.ts'
import type { ExportFile } from './file.ts'

/** A PlatformIO project: the Arduino library in `lib/`, its self-test as the program, and some boards to begin with. */
export function platformioBundle(model: QuantizedModel, meta: ExportMeta, golden: Golden): ExportFile[] {
  const files = arduinoBundle(model, meta, golden).flatMap(({ path, data }): ExportFile[] => {
    if (path.endsWith('.ino')) return [{ path: 'src/main.cpp', data: `#include <Arduino.h>\n${data}` }]
    return path.endsWith('README.md') ? [] : [{ path: `lib/${path}`, data }]
  })
  return [...files, { path: 'platformio.ini', data: settings }, { path: 'README.md', data: readme(meta.name) }]
}

const settings = `; Made by tinyfront. Keep the board that you have, or add its name.
[env]
framework = arduino
monitor_speed = 115200
build_unflags = -Os
build_flags = -O2

[env:nucleo_f446re]
platform = ststm32
board = nucleo_f446re

[env:nano33ble]
platform = nordicnrf52
board = nano33ble

[env:esp32-s3-devkitc-1]
platform = espressif32
board = esp32-s3-devkitc-1

[env:pico]
platform = raspberrypi
board = pico
`

const readme = (name: string): string => `# ${name}: an int8 network for PlatformIO

    pio run -e nucleo_f446re -t upload
    pio device monitor

The program says whether the network computes on your board what it computed when it was made, and how long it took. Your firmware needs only \`lib/\`.
`
