/**
 * What a device owns of the driver's: each thing ends once, be it by its owner, with the device, or at the latest when the
 * object that stands for it was forgotten. JavaScript's collector knows nothing of a GPU's memory and may come late: that is
 * a net, and no way to free.
 */

/** One thing of the driver's. */
export interface Belonging {
  readonly ended: boolean
  /** Ends it; a second call does nothing. */
  end(): void
}

const forgotten = new FinalizationRegistry<() => void>((end) => {
  try {
    end()
  } catch {
    // Nobody called, so there is nobody to tell. A fault is the device's to remember.
  }
})

/** Calls a function once an object cannot be reached any more. The function, and its scope, must not refer to the object. */
export const whenForgotten = (object: WeakKey, end: () => void): void => forgotten.register(object, end)

export class Belongings {
  readonly #all = new Set<Belonging>()

  /**
   * @param end - gives the thing back; it must not refer to `object`, which would then never be forgotten
   * @param object - what stands for the thing; without it, the thing is the device's own
   */
  add(end: () => void, object?: WeakKey): Belonging {
    const all = this.#all
    let ended = false
    const belonging: Belonging = {
      get ended() {
        return ended
      },
      end() {
        if (ended) return
        ended = true
        all.delete(belonging)
        forgotten.unregister(belonging)
        end()
      },
    }
    all.add(belonging)
    if (object !== undefined) forgotten.register(object, belonging.end, belonging)
    return belonging
  }

  /** Ends all that is left, the newest first, since it may rest on the older. What fails keeps nothing else from ending. */
  endAll(): readonly unknown[] {
    const failures: unknown[] = []
    for (const belonging of [...this.#all].reverse()) {
      try {
        belonging.end()
      } catch (error) {
        failures.push(error)
      }
    }
    return failures
  }
}
