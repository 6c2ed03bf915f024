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

/** What all threads of a launch read, and the running thread's record. */
export const registers = {
  ntid: 64,
  ctaid: 76,
  nctaid: 88,
  shared: 100,
  sharedBytes: 104,
  dynamicBytes: 108,
  /** Backward branches that are left until the clock is looked at. */
  fuel: 112,
  /** The address of the running thread's record. */
  current: 116,
  /** Threads that have begun. */
  started: 120,
  /** What `%clock64` and `%globaltimer` tell: it rises with each look at it, and so is the same in each run. Eight bytes. */
  clock: 128,
  /** Where races are remembered, and how many barriers the block has passed. */
  races: 136,
  epoch: 140,
  /** How many barriers each warp has passed by itself, four bytes each. */
  warpEpochs: 256,
} as const

/**
 * A thread's record: what it exchanges with others while it waits, who it is, and how far it came. Registers that it keeps
 * through a wait follow.
 */
export const record = {
  value: 0,
  second: 4,
  third: 8,
  mask: 12,
  result: 16,
  predicate: 20,
  tid: 24,
  laneid: 36,
  warpid: 40,
  /** The address of its local memory. */
  local: 44,
  /** Where its trace begins. */
  traceStart: 48,
  /** The entry to go on at; negative for a thread that waits, or is done. */
  next: 52,
  /** The entry behind the wait that it stopped at, or `done`. */
  at: 56,
  /** Its number in the block. */
  thread: 60,
  /** What its accesses to shared memory are remembered as; see `races.ts`. Eight bytes. */
  stamp: 64,
  bytes: 72,
} as const

/** What a thread stops at when it has come to its end. */
export const done = -1

/** What a warp stops at whose lanes stopped at different entries. */
export const mixed = -2

/**
 * The trace of a warp: for each access that a lane made since the warp last went on, the instruction and the address. The
 * k-th accesses of all lanes lie side by side, since they are put together.
 */
export const trace = {
  start: 2 * shadow,
  /** From a lane's instruction to the next lane's, and to its address. */
  lane: 4,
  address: 128,
  /** From an access to the next of the lane. */
  step: 256,
  /** Accesses of a lane that are compared with those of its neighbours. */
  counted: 8192,
  /** Accesses that a lane has room for in all, and how many it makes before it is asked whether they still fit. */
  room: 10_240,
  ahead: 1024,
} as const

/** Where each lane's trace ended when it last stopped, four bytes each, behind the trace. */
export const traceEnds = trace.start + trace.room * trace.step

/** All of a device's memory. */
export const memoryBytes = traceEnds + 65_536

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
  /** Awaited, and written. Written though never awaited: it is not to be written at all. */
  written: 8,
  /** A copy to there has begun, and is not waited for. */
  pending: 16,
} as const

/** What kernels may only read. */
export const readOnly = known.accessible | known.initialised | known.written
