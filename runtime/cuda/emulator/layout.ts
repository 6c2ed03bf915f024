/**
 * Where things lie in a device's one linear memory, which holds global, shared and local memory alike, so that a generic
 * address is an address. Above `shadow` lies one byte for each byte below it: what is known of it. These are constants, so
 * that a translated kernel runs on every emulator.
 */

/** Bytes of device memory, and the distance from a byte to its shadow. Physical pages are taken as they are touched. */
export const shadow = 2 ** 28

/** The first allocation's address. What lies below belongs to the emulator; to kernels it is out of bounds, as null is. */
export const firstAddress = 2 ** 20

/** Between two allocations, so that a step beyond one does not land in the next. A multiple of every alignment. */
export const guardGap = 256

/** Special registers of the running thread, in memory, since JavaScript writes there fastest. */
export const registers = {
  tid: 64,
  ntid: 76,
  ctaid: 88,
  nctaid: 100,
  laneid: 112,
  warpid: 116,
  shared: 120,
  local: 124,
  sharedBytes: 128,
  dynamicBytes: 132,
  /** Backward branches that are left until the clock is looked at. */
  fuel: 136,
} as const

/** Kernel parameters, packed as PTX lays them out. */
export const parameters = 4096

/** Addresses of global variables, eight bytes each, in their order in the module. */
export const symbols = 40_960
export const mostSymbols = 3000

/** How often each basic block ran, eight bytes each. */
export const counters = 65_536
export const mostBlocks = 100_000

/** Bits of a shadow byte. */
export const known = {
  accessible: 1,
  initialised: 2,
  /** Part of an output that the launch has to write. */
  awaited: 4,
  /** Awaited, and written. */
  written: 8,
} as const
