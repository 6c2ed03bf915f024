/**
 * Letters as strokes, for labels on a picture. A bare machine has no fonts, and a label that silently vanishes there is
 * worse than a plain one; so the few letters that the example needs are drawn here.
 *
 * Units: capitals and ascenders start at y = 0, small letters at y = 2, the baseline is y = 6, descenders end at y = 8.
 */

const bowl = 'M0 4A2 2 0 1 1 4 4A2 2 0 1 1 0 4'
const arch = 'M0 6V2M0 4A1.75 2 0 0 1 3.5 4V6'

/** A glyph's advance before the gap to the next one, and its strokes. */
const glyphs: Readonly<Record<string, readonly [width: number, strokes: string]>> = {
  ' ': [1.6, ''],
  a: [4, `${bowl}M4 2V6`],
  b: [4, `${bowl}M0 0V6`],
  c: [3.5, 'M3.5 2.68A2 2 0 1 0 3.5 5.32'],
  d: [4, `${bowl}M4 0V6`],
  e: [4, 'M0 4H4A2 2 0 1 0 3.5 5.32'],
  f: [2.2, 'M0 2H2M.8 6V1.4A1.3 1.3 0 0 1 2.2 .1'],
  g: [4, `${bowl}M4 2V6A2 2 0 0 1 .4 7.2`],
  h: [3.5, `M0 0V6${arch}`],
  i: [0.1, 'M0 2V6M0 .3V.4'],
  j: [0.8, 'M.8 2V7A1 1 0 0 1 0 8M.8 .3V.4'],
  k: [3, 'M0 0V6M2.9 2L0 4.3M1.1 3.5L3 6'],
  l: [0.1, 'M0 0V6'],
  m: [6, 'M0 6V2M0 4A1.5 2 0 0 1 3 4V6M3 4A1.5 2 0 0 1 6 4V6'],
  n: [3.5, arch],
  o: [4, bowl],
  p: [4, `${bowl}M0 2V8`],
  q: [4, `${bowl}M4 2V8`],
  r: [2, 'M0 6V2M0 4A1.8 2 0 0 1 2 2.1'],
  s: [2.6, 'M2.5 2.6A1.2 1 0 0 0 1.3 2C-.3 2-.3 3.8 1.2 4C3 4.2 2.9 6 1.3 6A1.3 1 0 0 1 0 5.3'],
  t: [2.2, 'M0 2H2.1M.8 .6V5A1 1 0 0 0 2.2 5.9'],
  u: [3.5, 'M3.5 2V6M3.5 4A1.75 2 0 0 1 0 4V2'],
  v: [3.4, 'M0 2L1.7 6L3.4 2'],
  w: [5.4, 'M0 2L1.4 6L2.7 2L4 6L5.4 2'],
  x: [3.2, 'M0 2L3.2 6M3.2 2L0 6'],
  y: [3.4, 'M0 2L1.7 6M3.4 2L1.7 6L.9 8'],
  z: [3, 'M0 2H3L0 6H3'],
  '0': [3.6, 'M1.8 0C4.2 0 4.2 6 1.8 6C-.6 6-.6 0 1.8 0'],
  '1': [1.6, 'M0 1.3L1.6 0V6'],
  '2': [3.4, 'M.1 1.5A1.6 1.5 0 1 1 2.9 2.6L0 6H3.4'],
  '3': [3.4, 'M.2 0H3.1L1.4 2.4A1.8 1.8 0 1 1 0 5.2'],
  '4': [3.7, 'M2.8 6V0L0 4.4H3.7'],
  '5': [3.4, 'M3.2 0H.7L.3 2.7A1.85 1.9 0 1 1 0 5.2'],
  '6': [3.6, 'M2.6 0L.4 3.3A1.75 1.8 0 1 0 3.2 3.3A1.75 1.8 0 0 0 .4 3.3'],
  '7': [3.3, 'M0 0H3.3L1 6'],
  '8': [3.4, 'M1.7 2.7A1.35 1.35 0 1 1 1.71 2.7A1.65 1.65 0 1 1 1.69 2.7'],
  '9': [3.6, 'M1 6L3.2 2.7A1.75 1.8 0 1 0 .4 2.7A1.75 1.8 0 0 0 3.2 2.7'],
  '.': [0.2, 'M.1 5.9V6'],
  ',': [0.5, 'M.4 5.8L0 7'],
  ':': [0.2, 'M.1 2.8V2.9M.1 5.9V6'],
  '(': [1.2, 'M1.2-.6A7 7 0 0 0 1.2 7.4'],
  ')': [1.2, 'M0-.6A7 7 0 0 1 0 7.4'],
  '*': [2.2, 'M1.1 2.4V4.8M.1 3L2.1 4.2M2.1 3L.1 4.2'],
  '/': [2.6, 'M2.6-.3L0 6.6'],
  '+': [3, 'M0 3.6H3M1.5 2.1V5.1'],
  '-': [2.2, 'M0 3.9H2.2'],
  '=': [3, 'M0 2.9H3M0 4.5H3'],
}

const gap = 1.15

/** One line of text as SVG, its capitals' top left at (x, y) and `size` pixels high. Unknown characters are an error. */
export const lettering = (text: string, x: number, y: number, size: number, colour: string): string => {
  const unit = size / 6
  let pen = 0
  let strokes = ''
  for (const character of text) {
    const glyph = glyphs[character]
    if (!glyph) throw new RangeError(`no strokes for the character ${JSON.stringify(character)}`)
    if (glyph[1] !== '') strokes += `<path transform="translate(${pen.toFixed(2)} 0)" d="${glyph[1]}"/>`
    pen += glyph[0] + gap
  }
  return `<g transform="translate(${x} ${y}) scale(${unit})" fill="none" stroke="${colour}" stroke-width="0.62" stroke-linecap="round" stroke-linejoin="round">${strokes}</g>`
}
