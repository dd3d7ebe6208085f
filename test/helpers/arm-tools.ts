import { spawnSync } from 'node:child_process'

const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0

/** Whether the C can be run on emulated cores here (Debian: gcc-arm-none-eabi, qemu-system-arm). */
export const hasArmTools = has('arm-none-eabi-gcc') && has('qemu-system-arm')
