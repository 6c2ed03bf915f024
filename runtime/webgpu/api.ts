/**
 * What is asked of WebGPU, by its own names: a browser's `GPUDevice` fits these types, and so does one of Dawn's in Node, so
 * that nobody needs another package's types to hand one in.
 */

/** Bits of `GPUBufferUsage`, `GPUMapMode` and `GPUShaderStage`, which Node does not have as globals. */
export const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128, queryResolve: 512 } as const
export const mapRead = 1
export const computeStage = 4

export interface GpuBuffer {
  readonly size: number
  mapAsync(mode: number): Promise<unknown>
  getMappedRange(): ArrayBuffer
  unmap(): void
  destroy(): void
}

/** A buffer, or a part of one, as kernels see it. */
export interface GpuBinding {
  readonly buffer: GpuBuffer
  readonly offset?: number
  readonly size?: number
}

/** What only passes through our hands. */
export type Opaque = object

export interface GpuPass {
  setPipeline(pipeline: Opaque): void
  setBindGroup(index: number, group: Opaque): void
  dispatchWorkgroups(x: number, y: number): void
  end(): void
}

/** Where a pass leaves when it began and ended, in nanoseconds. */
export interface GpuTimestampWrites {
  readonly querySet: Opaque
  readonly beginningOfPassWriteIndex: number
  readonly endOfPassWriteIndex: number
}

export interface GpuEncoder {
  beginComputePass(of?: { readonly timestampWrites?: GpuTimestampWrites }): GpuPass
  resolveQuerySet(set: Opaque, first: number, count: number, into: GpuBuffer, offset: number): void
  copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): void
  finish(): Opaque
}

export interface GpuMessage {
  readonly type: string
  readonly message: string
  readonly lineNum: number
  readonly linePos: number
}

export interface GpuShaderModule {
  getCompilationInfo(): Promise<{ readonly messages: readonly GpuMessage[] }>
}

export interface GpuLimits {
  readonly maxBufferSize: number
  readonly maxStorageBufferBindingSize: number
  readonly maxStorageBuffersPerShaderStage: number
  readonly maxComputeWorkgroupsPerDimension: number
  readonly maxComputeWorkgroupStorageSize: number
  readonly minStorageBufferOffsetAlignment: number
}

export interface GpuFeatures {
  has(feature: string): boolean
}

export interface GpuAdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly device: string
  readonly description: string
}

export interface GpuDevice {
  /** Absent in browsers of before 2025. */
  readonly adapterInfo?: GpuAdapterInfo
  readonly limits: GpuLimits
  readonly features: GpuFeatures
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
  readonly queue: {
    writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void
    submit(commands: readonly Opaque[]): void
    onSubmittedWorkDone(): Promise<unknown>
  }
  createBuffer(of: { readonly size: number; readonly usage: number; readonly label?: string }): GpuBuffer
  createShaderModule(of: { readonly code: string; readonly label?: string }): GpuShaderModule
  createBindGroupLayout(of: { readonly entries: readonly object[] }): Opaque
  createPipelineLayout(of: { readonly bindGroupLayouts: readonly Opaque[] }): Opaque
  createComputePipelineAsync(of: {
    readonly layout: Opaque
    readonly compute: { readonly module: GpuShaderModule; readonly entryPoint: string }
  }): Promise<Opaque>
  createBindGroup(of: { readonly layout: Opaque; readonly entries: readonly object[] }): Opaque
  createCommandEncoder(): GpuEncoder
  createQuerySet(of: { readonly type: 'timestamp'; readonly count: number }): Opaque
  pushErrorScope(filter: 'validation' | 'out-of-memory' | 'internal'): void
  popErrorScope(): Promise<{ readonly message: string } | null>
  destroy(): void
}

export interface GpuAdapter {
  readonly info: GpuAdapterInfo
  readonly limits: GpuLimits
  readonly features: GpuFeatures
  requestDevice(of?: {
    readonly requiredLimits?: Readonly<Record<string, number>>
    readonly requiredFeatures?: readonly string[]
  }): Promise<GpuDevice>
}

export interface Gpu {
  requestAdapter(options?: object): Promise<GpuAdapter | null>
}
