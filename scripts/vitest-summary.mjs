/**
 * Ends a test run with what a reader, and a machine, wants to know: the counts of each tier, the adapters that its tests ran on,
 * which tests did not run and why, and one line of counts. The line is kept in reports/tests.txt too, for scripts that print
 * something after the tests.
 */
import { mkdirSync, writeFileSync } from 'node:fs'

const none = () => ({ passed: 0, failed: 0, skipped: 0, adapters: new Set() })

const lineOf = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

export default class Summary {
  onTestRunEnd(modules, errors) {
    const all = { ...none(), failed: errors.length }
    /** @type {Map<string, ReturnType<typeof none>>} */
    const tiers = new Map()
    /** @type {Map<string, number>} */
    const reasons = new Map()
    for (const module of modules) {
      const tier = tiers.get(module.project.name) ?? none()
      tiers.set(module.project.name, tier)
      const add = (state) => {
        all[state]++
        tier[state]++
      }
      // A file that cannot be loaded has no tests to fail.
      if (module.state() === 'failed' && module.children.size === 0) add('failed')
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed' || result.state === 'failed') {
          add(result.state)
          // A test that opened an adapter says which.
          const { adapter } = test.meta()
          if (adapter !== undefined) tier.adapters.add(adapter)
        } else {
          add('skipped')
          const why = (result.state === 'skipped' && result.note) || 'marked to be skipped'
          reasons.set(why, (reasons.get(why) ?? 0) + 1)
        }
      }
    }
    if (tiers.size > 1) for (const [name, tier] of tiers) console.log(`${name}: ${lineOf(tier)}`)
    for (const [name, { adapters }] of tiers) for (const adapter of adapters) console.log(`${name} ran on ${adapter}`)
    const line = lineOf(all)
    mkdirSync('reports', { recursive: true })
    writeFileSync('reports/tests.txt', `${line}\n`)
    for (const [why, tests] of reasons) console.log(`skipped ${tests}: ${why}`)
    console.log(line)
  }
}
