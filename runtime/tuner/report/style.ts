/**
 * The style of a report. Few colours, told apart by people who are blind to some: two of Okabe and Ito's palette
 * (https://jfly.uni-koeln.de/color/), blue for what is right and vermilion for what is out; all else is ink or grey. Paper is
 * always light; a screen is as its reader has it.
 */
import { Markup } from './markup.ts'

const light = '--paper: #fff; --ink: #1c1c1c; --quiet: #666; --grid: #e3e3e3; --fill: #f5f5f5; --right: #0072b2; --out: #c24e00;'
const dark =
  '--paper: #16181a; --ink: #e6e6e6; --quiet: #9d9d9d; --grid: #33363a; --fill: #212428; --right: #56b4e9; --out: #ef8a4a;'

export const style = new Markup(`
:root { color-scheme: light dark; ${light} }
@media screen and (prefers-color-scheme: dark) { :root { ${dark} } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
h2, h3 { break-after: avoid; }
tr { break-inside: avoid; }
h2 { margin: 3rem 0 0.5rem; font-size: 1.2rem; }
h3 { margin: 1.2rem 0 0.4rem; font-size: 1rem; }
p { max-width: 42rem; margin: 0.5rem 0; }
code, pre { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 0.875rem; }
pre { margin: 0.5rem 0; padding: 0.6rem 0.8rem; background: var(--fill); overflow-x: auto; }
pre.message { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid var(--out); }
pre.json { color: var(--quiet); }
pre.json strong { color: var(--ink); }
.verdict { max-width: none; margin: 0.6rem 0; font-size: 1.15rem; }
.note, figcaption, .quiet { color: var(--quiet); font-size: 0.875rem; font-weight: normal; }
dl { margin: 1.2rem 0 0; }
dl div { display: grid; grid-template-columns: 6rem 1fr; padding: 0.15rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
details { margin: 0.6rem 0; }
summary { cursor: pointer; color: var(--quiet); }
figure { margin: 1rem 0; break-inside: avoid; }
figcaption { margin-top: 0.6rem; }
.scroll { overflow-x: auto; }
.scroll > svg { display: block; width: 100%; min-width: 36rem; height: auto; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 1.5rem 2rem; margin: 1rem 0; }
.panel { margin: 0; }
.bars { max-width: 40rem; }
.panel h3 { display: flex; justify-content: space-between; margin: 0 0 0.3rem; padding-bottom: 0.2rem; border-bottom: 1px solid var(--grid); overflow-wrap: anywhere; }
.panel svg, .bars svg { display: block; width: 100%; height: auto; }
.ratio { white-space: nowrap; font-weight: normal; }
.key { display: inline-block; margin-right: 1.2rem; }
.key svg { width: 0.8rem; height: 0.8rem; margin-right: 0.4rem; vertical-align: -0.05rem; }
table { border-collapse: collapse; font-size: 0.875rem; }
th { color: var(--quiet); font-weight: normal; vertical-align: bottom; border-bottom: 1px solid var(--quiet); }
th, td { padding: 0.2rem 1.2rem 0.2rem 0; text-align: left; }
td { border-bottom: 1px solid var(--grid); vertical-align: top; }
.number { text-align: right; }
td.number { white-space: nowrap; }
td:last-child { width: 100%; min-width: 18rem; }
.mark { color: var(--right); }
ul { margin: 0.4rem 0; padding-left: 1.2rem; }
.fault-group { margin: 0.8rem 0; }
.label { fill: var(--ink); font: 12px system-ui, sans-serif; font-variant-numeric: tabular-nums; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
.label.quiet { fill: var(--quiet); }
.best-name { fill: var(--right); }
.best-name, .usual-name, .usual-value { font-weight: 600; }
.grid { stroke: var(--grid); }
.leader { stroke: var(--quiet); }
.whisker { stroke: var(--right); stroke-opacity: 0.45; }
.full { fill: var(--right); }
.final { fill: var(--right); stroke: var(--ink); stroke-width: 1.2px; }
.hasty { fill: var(--paper); stroke: var(--right); }
.best { fill: var(--right); stroke: var(--paper); }
.usual { fill: var(--ink); stroke: var(--paper); }
.fault { fill: none; stroke: var(--out); stroke-width: 1.5px; }
.usual-line { stroke: var(--ink); stroke-dasharray: 4 3; }
.course { fill: none; stroke: var(--right); stroke-width: 1.5px; }
.faint { fill: var(--quiet); fill-opacity: 0.35; }
.median { stroke: var(--ink); stroke-width: 1.5px; }
.limit-bar { fill: var(--grid); stroke: var(--quiet); }
.best-bar { fill: var(--right); }
.usual-bar { fill: var(--quiet); }
.full-many { fill: var(--right); fill-opacity: 0.35; stroke: var(--right); }
.fault-many { fill: var(--out); fill-opacity: 0.35; stroke: var(--out); }
@media print { main { max-width: none; padding: 0; } .scroll { overflow: visible; } .scroll > svg { min-width: 0; } table { font-size: 0.7rem; } }
`)
