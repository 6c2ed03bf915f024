/** What `poolwright doctor` says of one thing. */
export interface Finding {
  readonly available: boolean
  /** What it is where it is there, what it takes where it is not. */
  readonly detail: string
}
