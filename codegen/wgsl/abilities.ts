/**
 * What a device can do beyond what each of them can: texts are made for it, and schedules that need more are refused. A text
 * that is made without a device, to be read or to be launched somewhere else, asks for nothing.
 */
export interface Abilities {
  /** Whether memory holds float16 as such: the feature `shader-f16`. */
  readonly halves: boolean
  /** Bytes that the invocations of a workgroup may share: `maxComputeWorkgroupStorageSize`. */
  readonly workgroupBytes: number
}

export const everywhere: Abilities = { halves: false, workgroupBytes: 16 * 1024 }
