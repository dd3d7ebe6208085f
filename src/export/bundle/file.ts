/** A file of an export: a relative path with `/`, and what stands in it. */
export type ExportFile = { readonly path: string; readonly data: Uint8Array | string }

/** A name that is safe as a file name, a C++ library name and a CMake project everywhere. */
export const safeName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'network'
