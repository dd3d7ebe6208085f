// Numbers as types: `offsetof<Three>()` is the constant 3 while AssemblyScript compiles, so that an `if` on it costs nothing and its other
// side is never emitted. (An inlined function's constant arguments are folded too, but only after megabytes of code were made.)

// @ts-ignore: decorator
@unmanaged
export class One {
  a: u8
}
// @ts-ignore: decorator
@unmanaged
export class Two extends One {
  b: u8
}
// @ts-ignore: decorator
@unmanaged
export class Three extends Two {
  c: u8
}
// @ts-ignore: decorator
@unmanaged
export class Four extends Three {
  d: u8
}
// @ts-ignore: decorator
@unmanaged
export class Five extends Four {
  e: u8
}
// @ts-ignore: decorator
@unmanaged
export class Seven extends Five {
  f: u8
  g: u8
}
