/** First byte that no static data occupies: whoever loads the module plans its memory from here on. */
export function heapBase(): usize {
  return __heap_base
}
