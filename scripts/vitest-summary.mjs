/**
 * Ends a test run with what a reader, and a machine, wants to know: which tests did not run and why, and one line of counts.
 * The line is kept in reports/tests.txt too, for scripts that print something after the tests.
 */
import { mkdirSync, writeFileSync } from 'node:fs'

export default class Summary {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 }
    /** @type {Map<string, number>} */
    const reasons = new Map()
    for (const module of modules) {
      // A file that cannot be loaded has no tests to fail.
      if (module.state() === 'failed' && module.children.size === 0) count.failed++
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed' || result.state === 'failed') count[result.state]++
        else {
          count.skipped++
          const why = (result.state === 'skipped' && result.note) || 'marked to be skipped'
          reasons.set(why, (reasons.get(why) ?? 0) + 1)
        }
      }
    }
    const line = `${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`
    mkdirSync('reports', { recursive: true })
    writeFileSync('reports/tests.txt', `${line}\n`)
    for (const [why, tests] of reasons) console.log(`skipped ${tests}: ${why}`)
    console.log(line)
  }
}
