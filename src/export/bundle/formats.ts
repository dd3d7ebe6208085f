/** Apart from their writers, so that the command line knows the names without loading those. */
export const exportFormats = ['tflite', 'c', 'c-array', 'arduino', 'esp-idf', 'zephyr', 'cmake', 'platformio', 'onnx'] as const
export type ExportFormat = (typeof exportFormats)[number]
