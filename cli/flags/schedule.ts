/** Axes of a schedule to pin, as JSON. */
import type { Problems } from './values.ts'

export const readSchedule = (text: string | undefined, problems: Problems): Readonly<Record<string, unknown>> | undefined => {
  if (text === undefined) return undefined
  try {
    const schedule: unknown = JSON.parse(text)
    if (typeof schedule === 'object' && schedule !== null && !Array.isArray(schedule)) return { ...schedule }
  } catch {
    // Said below, as for JSON of another kind.
  }
  return problems.add(`--schedule ${text}: a schedule is a JSON object, as in --schedule '{"unroll": "none"}'`)
}
