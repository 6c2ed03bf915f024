// lip: sum(x * exp(l)) / sum(exp(l))
// window 3x3, stride 1, padding 1 (counted: divisor 9); float32, channels-last
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":2,"rows":1,"fold":"columns","extrema":"keys","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
// a key is the bits of a float32 made to order as the floats do, NaN on top: an integer comparison needs no branch
/** windows by loops over the taps that lie inside */
function border(lBits, l, x, y, channels, height, width, outWidth, inPlane, outPlane, oh, first, end) {
  const hStart = oh - 1
  const hFrom = Math.max(0, -hStart)
  const hTo = Math.min(3, height - hStart)
  const outRow = outPlane + oh * outWidth
  for (let ow = first; ow < end; ow++) {
    const wStart = ow - 1
    const wFrom = Math.max(0, -wStart)
    const wTo = Math.min(3, width - wStart)
    for (let c = 0; c < channels; c++) {
      let best = -2147483648, tap = hFrom * 3 + wFrom
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        for (let tw = wFrom; tw < wTo; tw++) {
          const at = row + tw
          const bits = lBits[(at) * channels + c]
          const key = ((bits ^ ((bits >> 31) >>> 1)) - (bits >> 31) - 8388608) | 0
          const later = -((key > best) | (key > 2130706432))
          tap = tap ^ ((tap ^ th * 3 + tw) & later)
          best = best ^ ((best ^ key) & later)
        }
      }
      const chosen = inPlane + (hStart + Math.floor(tap / 3)) * width + wStart + (tap - Math.floor(tap / 3) * 3)
      // sum(x * exp(l))
      // sum(exp(l))
      let sum = 0
      let sum_2 = 0
      const max = l[(chosen) * channels + c]
      const greatest = Math.abs(max) < Infinity ? max : 0
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        for (let tw = wFrom; tw < wTo; tw++) {
          const at = row + tw
          const x_2 = x[(at) * channels + c]
          const l_2 = l[(at) * channels + c]
          sum += x_2 * Math.exp(l_2 - greatest)
          sum_2 += Math.exp(l_2 - greatest)
        }
      }
      y[(outRow + ow) * channels + c] = sum / sum_2
    }
  }
}
/** rows of windows without their first row of taps */
function windowsTop(lBits, l, x, y, channels, width, outWidth, inPlane, outPlane, first, end) {
  const endW = width - 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh - 1) * width - 1
    let ow = 0
    {
      const at_2 = (outRow + ow) * channels
      const row1 = start + ow + width
      const at_3 = (row1 + 1) * channels
      const at_4 = (row1 + 2) * channels
      const row2 = start + ow + 2 * width
      const at_5 = (row2 + 1) * channels
      const at_6 = (row2 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const x11 = x[at_3 + c]
        const l11 = l[at_3 + c]
        const bits11 = lBits[at_3 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits12 = lBits[at_4 + c]
        const key12 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const later = -((key12 > key11) | (key12 > 2130706432))
        const best = key11 ^ ((key11 ^ key12) & later)
        const bits21 = lBits[at_5 + c]
        const key21 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const later_2 = -((key21 > best) | (key21 > 2130706432))
        const best_2 = best ^ ((best ^ key21) & later_2)
        const bits22 = lBits[at_6 + c]
        const key22 = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const later_3 = -((key22 > best_2) | (key22 > 2130706432))
        const place = row1 + 1 ^ ((row1 + 1 ^ row1 + 2) & later)
        const place_2 = place ^ ((place ^ row2 + 1) & later_2)
        const max = l[(place_2 ^ ((place_2 ^ row2 + 2) & later_3)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp11 = Math.exp(l11 - greatest)
        const x21 = x[at_5 + c]
        const l21 = l[at_5 + c]
        const exp21 = Math.exp(l21 - greatest)
        const x12 = x[at_4 + c]
        const l12 = l[at_4 + c]
        const exp12 = Math.exp(l12 - greatest)
        const x22 = x[at_6 + c]
        const l22 = l[at_6 + c]
        const exp22 = Math.exp(l22 - greatest)
        // sum(x * exp(l))
        const sum = x11 * exp11 + x21 * exp21 + (x12 * exp12 + x22 * exp22)
        // sum(exp(l))
        const sum_2 = exp11 + exp21 + (exp12 + exp22)
        y[at_2 + c] = sum / sum_2
      }
    }
    ow++
    for (; ow < endW; ow++) {
      const at_2 = (outRow + ow) * channels
      const row1 = start + ow + width
      const at_3 = row1 * channels
      const at_4 = (row1 + 1) * channels
      const at_5 = (row1 + 2) * channels
      const row2 = start + ow + 2 * width
      const at_6 = row2 * channels
      const at_7 = (row2 + 1) * channels
      const at_8 = (row2 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const x10 = x[at_3 + c]
        const l10 = l[at_3 + c]
        const bits10 = lBits[at_3 + c]
        const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const bits11 = lBits[at_4 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later = -((key11 > key10) | (key11 > 2130706432))
        const best = key10 ^ ((key10 ^ key11) & later)
        const bits12 = lBits[at_5 + c]
        const key12 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const later_2 = -((key12 > best) | (key12 > 2130706432))
        const best_2 = best ^ ((best ^ key12) & later_2)
        const bits20 = lBits[at_6 + c]
        const key20 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const later_3 = -((key20 > best_2) | (key20 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key20) & later_3)
        const bits21 = lBits[at_7 + c]
        const key21 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const later_4 = -((key21 > best_3) | (key21 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key21) & later_4)
        const bits22 = lBits[at_8 + c]
        const key22 = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const later_5 = -((key22 > best_4) | (key22 > 2130706432))
        const place = row1 ^ ((row1 ^ row1 + 1) & later)
        const place_2 = place ^ ((place ^ row1 + 2) & later_2)
        const place_3 = place_2 ^ ((place_2 ^ row2) & later_3)
        const place_4 = place_3 ^ ((place_3 ^ row2 + 1) & later_4)
        const max = l[(place_4 ^ ((place_4 ^ row2 + 2) & later_5)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp10 = Math.exp(l10 - greatest)
        const x20 = x[at_6 + c]
        const l20 = l[at_6 + c]
        const exp20 = Math.exp(l20 - greatest)
        const x11 = x[at_4 + c]
        const l11 = l[at_4 + c]
        const exp11 = Math.exp(l11 - greatest)
        const x21 = x[at_7 + c]
        const l21 = l[at_7 + c]
        const exp21 = Math.exp(l21 - greatest)
        const x12 = x[at_5 + c]
        const l12 = l[at_5 + c]
        const exp12 = Math.exp(l12 - greatest)
        const x22 = x[at_8 + c]
        const l22 = l[at_8 + c]
        const exp22 = Math.exp(l22 - greatest)
        // sum(x * exp(l))
        const sum = x10 * exp10 + x20 * exp20 + (x11 * exp11 + x21 * exp21) + (x12 * exp12 + x22 * exp22)
        // sum(exp(l))
        const sum_2 = exp10 + exp20 + (exp11 + exp21) + (exp12 + exp22)
        y[at_2 + c] = sum / sum_2
      }
    }
    if (ow < outWidth) {
      const at_2 = (outRow + ow) * channels
      const row1 = start + ow + width
      const at_3 = row1 * channels
      const at_4 = (row1 + 1) * channels
      const row2 = start + ow + 2 * width
      const at_5 = row2 * channels
      const at_6 = (row2 + 1) * channels
      for (let c = 0; c < channels; c++) {
        const x10 = x[at_3 + c]
        const l10 = l[at_3 + c]
        const bits10 = lBits[at_3 + c]
        const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const bits11 = lBits[at_4 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later = -((key11 > key10) | (key11 > 2130706432))
        const best = key10 ^ ((key10 ^ key11) & later)
        const bits20 = lBits[at_5 + c]
        const key20 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const later_2 = -((key20 > best) | (key20 > 2130706432))
        const best_2 = best ^ ((best ^ key20) & later_2)
        const bits21 = lBits[at_6 + c]
        const key21 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const later_3 = -((key21 > best_2) | (key21 > 2130706432))
        const place = row1 ^ ((row1 ^ row1 + 1) & later)
        const place_2 = place ^ ((place ^ row2) & later_2)
        const max = l[(place_2 ^ ((place_2 ^ row2 + 1) & later_3)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp10 = Math.exp(l10 - greatest)
        const x20 = x[at_5 + c]
        const l20 = l[at_5 + c]
        const exp20 = Math.exp(l20 - greatest)
        const x11 = x[at_4 + c]
        const l11 = l[at_4 + c]
        const exp11 = Math.exp(l11 - greatest)
        const x21 = x[at_6 + c]
        const l21 = l[at_6 + c]
        const exp21 = Math.exp(l21 - greatest)
        // sum(x * exp(l))
        const sum = x10 * exp10 + x20 * exp20 + (x11 * exp11 + x21 * exp21)
        // sum(exp(l))
        const sum_2 = exp10 + exp20 + (exp11 + exp21)
        y[at_2 + c] = sum / sum_2
      }
    }
  }
}
/** rows of windows with all rows of taps inside */
function windows(lBits, l, x, y, channels, width, outWidth, inPlane, outPlane, first, end) {
  const endW = width - 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh - 1) * width - 1
    let ow = 0
    {
      const at_2 = (outRow + ow) * channels
      const row0 = start + ow
      const at_3 = (row0 + 1) * channels
      const at_4 = (row0 + 2) * channels
      const row1 = start + ow + width
      const at_5 = (row1 + 1) * channels
      const at_6 = (row1 + 2) * channels
      const row2 = start + ow + 2 * width
      const at_7 = (row2 + 1) * channels
      const at_8 = (row2 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const x01 = x[at_3 + c]
        const l01 = l[at_3 + c]
        const bits01 = lBits[at_3 + c]
        const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const bits02 = lBits[at_4 + c]
        const key02 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const later = -((key02 > key01) | (key02 > 2130706432))
        const best = key01 ^ ((key01 ^ key02) & later)
        const bits11 = lBits[at_5 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later_2 = -((key11 > best) | (key11 > 2130706432))
        const best_2 = best ^ ((best ^ key11) & later_2)
        const bits12 = lBits[at_6 + c]
        const key12 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const later_3 = -((key12 > best_2) | (key12 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key12) & later_3)
        const bits21 = lBits[at_7 + c]
        const key21 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const later_4 = -((key21 > best_3) | (key21 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key21) & later_4)
        const bits22 = lBits[at_8 + c]
        const key22 = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const later_5 = -((key22 > best_4) | (key22 > 2130706432))
        const place = row0 + 1 ^ ((row0 + 1 ^ row0 + 2) & later)
        const place_2 = place ^ ((place ^ row1 + 1) & later_2)
        const place_3 = place_2 ^ ((place_2 ^ row1 + 2) & later_3)
        const place_4 = place_3 ^ ((place_3 ^ row2 + 1) & later_4)
        const max = l[(place_4 ^ ((place_4 ^ row2 + 2) & later_5)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp01 = Math.exp(l01 - greatest)
        const x11 = x[at_5 + c]
        const l11 = l[at_5 + c]
        const exp11 = Math.exp(l11 - greatest)
        const x21 = x[at_7 + c]
        const l21 = l[at_7 + c]
        const exp21 = Math.exp(l21 - greatest)
        const x02 = x[at_4 + c]
        const l02 = l[at_4 + c]
        const exp02 = Math.exp(l02 - greatest)
        const x12 = x[at_6 + c]
        const l12 = l[at_6 + c]
        const exp12 = Math.exp(l12 - greatest)
        const x22 = x[at_8 + c]
        const l22 = l[at_8 + c]
        const exp22 = Math.exp(l22 - greatest)
        // sum(x * exp(l))
        const sum = x01 * exp01 + x11 * exp11 + x21 * exp21 + (x02 * exp02 + x12 * exp12 + x22 * exp22)
        // sum(exp(l))
        const sum_2 = exp01 + exp11 + exp21 + (exp02 + exp12 + exp22)
        y[at_2 + c] = sum / sum_2
      }
    }
    ow++
    for (; ow < endW - 1; ow += 2) {
      const at_2 = (outRow + ow) * channels
      const row0 = start + ow
      const at_3 = row0 * channels
      const at_4 = (row0 + 1) * channels
      const at_5 = (row0 + 2) * channels
      const row1 = start + ow + width
      const at_6 = row1 * channels
      const at_7 = (row1 + 1) * channels
      const at_8 = (row1 + 2) * channels
      const row2 = start + ow + 2 * width
      const at_9 = row2 * channels
      const at_10 = (row2 + 1) * channels
      const at_11 = (row2 + 2) * channels
      const at_12 = (outRow + ow + 1) * channels
      const at_13 = (row0 + 3) * channels
      const at_14 = (row1 + 3) * channels
      const at_15 = (row2 + 3) * channels
      for (let c = 0; c < channels; c++) {
        const x00 = x[at_3 + c]
        const l00 = l[at_3 + c]
        const bits00 = lBits[at_3 + c]
        const key00 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const later = -((key01 > key00) | (key01 > 2130706432))
        const best = key00 ^ ((key00 ^ key01) & later)
        const bits02 = lBits[at_5 + c]
        const key02 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const later_2 = -((key02 > best) | (key02 > 2130706432))
        const best_2 = best ^ ((best ^ key02) & later_2)
        const bits10 = lBits[at_6 + c]
        const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const later_3 = -((key10 > best_2) | (key10 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key10) & later_3)
        const bits11 = lBits[at_7 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later_4 = -((key11 > best_3) | (key11 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key11) & later_4)
        const bits12 = lBits[at_8 + c]
        const key12 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const later_5 = -((key12 > best_4) | (key12 > 2130706432))
        const best_5 = best_4 ^ ((best_4 ^ key12) & later_5)
        const bits20 = lBits[at_9 + c]
        const key20 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const later_6 = -((key20 > best_5) | (key20 > 2130706432))
        const best_6 = best_5 ^ ((best_5 ^ key20) & later_6)
        const bits21 = lBits[at_10 + c]
        const key21 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const later_7 = -((key21 > best_6) | (key21 > 2130706432))
        const best_7 = best_6 ^ ((best_6 ^ key21) & later_7)
        const bits22 = lBits[at_11 + c]
        const key22 = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const later_8 = -((key22 > best_7) | (key22 > 2130706432))
        const place = row0 ^ ((row0 ^ row0 + 1) & later)
        const place_2 = place ^ ((place ^ row0 + 2) & later_2)
        const place_3 = place_2 ^ ((place_2 ^ row1) & later_3)
        const place_4 = place_3 ^ ((place_3 ^ row1 + 1) & later_4)
        const place_5 = place_4 ^ ((place_4 ^ row1 + 2) & later_5)
        const place_6 = place_5 ^ ((place_5 ^ row2) & later_6)
        const place_7 = place_6 ^ ((place_6 ^ row2 + 1) & later_7)
        const max0 = l[(place_7 ^ ((place_7 ^ row2 + 2) & later_8)) * channels + c]
        const greatest0 = Math.abs(max0) < Infinity ? max0 : 0
        const exp00_0 = Math.exp(l00 - greatest0)
        const x10 = x[at_6 + c]
        const l10 = l[at_6 + c]
        const exp10_0 = Math.exp(l10 - greatest0)
        const x20 = x[at_9 + c]
        const l20 = l[at_9 + c]
        const exp20_0 = Math.exp(l20 - greatest0)
        const x01 = x[at_4 + c]
        const l01 = l[at_4 + c]
        const exp01_0 = Math.exp(l01 - greatest0)
        const x11 = x[at_7 + c]
        const l11 = l[at_7 + c]
        const exp11_0 = Math.exp(l11 - greatest0)
        const x21 = x[at_10 + c]
        const l21 = l[at_10 + c]
        const exp21_0 = Math.exp(l21 - greatest0)
        const x02 = x[at_5 + c]
        const l02 = l[at_5 + c]
        const exp02_0 = Math.exp(l02 - greatest0)
        const x12 = x[at_8 + c]
        const l12 = l[at_8 + c]
        const exp12_0 = Math.exp(l12 - greatest0)
        const x22 = x[at_11 + c]
        const l22 = l[at_11 + c]
        const exp22_0 = Math.exp(l22 - greatest0)
        // sum(x * exp(l))
        const sum0 = x00 * exp00_0 + x10 * exp10_0 + x20 * exp20_0 + (x01 * exp01_0 + x11 * exp11_0 + x21 * exp21_0) + (x02 * exp02_0 + x12 * exp12_0 + x22 * exp22_0)
        // sum(exp(l))
        const sum0_2 = exp00_0 + exp10_0 + exp20_0 + (exp01_0 + exp11_0 + exp21_0) + (exp02_0 + exp12_0 + exp22_0)
        y[at_2 + c] = sum0 / sum0_2
        const later_9 = -((key02 > key01) | (key02 > 2130706432))
        const best_8 = key01 ^ ((key01 ^ key02) & later_9)
        const bits03 = lBits[at_13 + c]
        const key03 = ((bits03 ^ ((bits03 >> 31) >>> 1)) - (bits03 >> 31) - 8388608) | 0
        const later_10 = -((key03 > best_8) | (key03 > 2130706432))
        const best_9 = best_8 ^ ((best_8 ^ key03) & later_10)
        const later_11 = -((key11 > best_9) | (key11 > 2130706432))
        const best_10 = best_9 ^ ((best_9 ^ key11) & later_11)
        const later_12 = -((key12 > best_10) | (key12 > 2130706432))
        const best_11 = best_10 ^ ((best_10 ^ key12) & later_12)
        const bits13 = lBits[at_14 + c]
        const key13 = ((bits13 ^ ((bits13 >> 31) >>> 1)) - (bits13 >> 31) - 8388608) | 0
        const later_13 = -((key13 > best_11) | (key13 > 2130706432))
        const best_12 = best_11 ^ ((best_11 ^ key13) & later_13)
        const later_14 = -((key21 > best_12) | (key21 > 2130706432))
        const best_13 = best_12 ^ ((best_12 ^ key21) & later_14)
        const later_15 = -((key22 > best_13) | (key22 > 2130706432))
        const best_14 = best_13 ^ ((best_13 ^ key22) & later_15)
        const bits23 = lBits[at_15 + c]
        const key23 = ((bits23 ^ ((bits23 >> 31) >>> 1)) - (bits23 >> 31) - 8388608) | 0
        const later_16 = -((key23 > best_14) | (key23 > 2130706432))
        const place_8 = row0 + 1 ^ ((row0 + 1 ^ row0 + 2) & later_9)
        const place_9 = place_8 ^ ((place_8 ^ row0 + 3) & later_10)
        const place_10 = place_9 ^ ((place_9 ^ row1 + 1) & later_11)
        const place_11 = place_10 ^ ((place_10 ^ row1 + 2) & later_12)
        const place_12 = place_11 ^ ((place_11 ^ row1 + 3) & later_13)
        const place_13 = place_12 ^ ((place_12 ^ row2 + 1) & later_14)
        const place_14 = place_13 ^ ((place_13 ^ row2 + 2) & later_15)
        const max1 = l[(place_14 ^ ((place_14 ^ row2 + 3) & later_16)) * channels + c]
        const greatest1 = Math.abs(max1) < Infinity ? max1 : 0
        const exp00_1 = Math.exp(l01 - greatest1)
        const exp10_1 = Math.exp(l11 - greatest1)
        const exp20_1 = Math.exp(l21 - greatest1)
        const exp01_1 = Math.exp(l02 - greatest1)
        const exp11_1 = Math.exp(l12 - greatest1)
        const exp21_1 = Math.exp(l22 - greatest1)
        const x03 = x[at_13 + c]
        const l03 = l[at_13 + c]
        const exp02_1 = Math.exp(l03 - greatest1)
        const x13 = x[at_14 + c]
        const l13 = l[at_14 + c]
        const exp12_1 = Math.exp(l13 - greatest1)
        const x23 = x[at_15 + c]
        const l23 = l[at_15 + c]
        const exp22_1 = Math.exp(l23 - greatest1)
        const sum1 = x01 * exp00_1 + x11 * exp10_1 + x21 * exp20_1 + (x02 * exp01_1 + x12 * exp11_1 + x22 * exp21_1) + (x03 * exp02_1 + x13 * exp12_1 + x23 * exp22_1)
        const sum1_2 = exp00_1 + exp10_1 + exp20_1 + (exp01_1 + exp11_1 + exp21_1) + (exp02_1 + exp12_1 + exp22_1)
        y[at_12 + c] = sum1 / sum1_2
      }
    }
    for (; ow < endW; ow++) {
      const at_2 = (outRow + ow) * channels
      const row0 = start + ow
      const at_3 = row0 * channels
      const at_4 = (row0 + 1) * channels
      const at_5 = (row0 + 2) * channels
      const row1 = start + ow + width
      const at_6 = row1 * channels
      const at_7 = (row1 + 1) * channels
      const at_8 = (row1 + 2) * channels
      const row2 = start + ow + 2 * width
      const at_9 = row2 * channels
      const at_10 = (row2 + 1) * channels
      const at_11 = (row2 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const x00 = x[at_3 + c]
        const l00 = l[at_3 + c]
        const bits00 = lBits[at_3 + c]
        const key00 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const later = -((key01 > key00) | (key01 > 2130706432))
        const best = key00 ^ ((key00 ^ key01) & later)
        const bits02 = lBits[at_5 + c]
        const key02 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const later_2 = -((key02 > best) | (key02 > 2130706432))
        const best_2 = best ^ ((best ^ key02) & later_2)
        const bits10 = lBits[at_6 + c]
        const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const later_3 = -((key10 > best_2) | (key10 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key10) & later_3)
        const bits11 = lBits[at_7 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later_4 = -((key11 > best_3) | (key11 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key11) & later_4)
        const bits12 = lBits[at_8 + c]
        const key12 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const later_5 = -((key12 > best_4) | (key12 > 2130706432))
        const best_5 = best_4 ^ ((best_4 ^ key12) & later_5)
        const bits20 = lBits[at_9 + c]
        const key20 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const later_6 = -((key20 > best_5) | (key20 > 2130706432))
        const best_6 = best_5 ^ ((best_5 ^ key20) & later_6)
        const bits21 = lBits[at_10 + c]
        const key21 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const later_7 = -((key21 > best_6) | (key21 > 2130706432))
        const best_7 = best_6 ^ ((best_6 ^ key21) & later_7)
        const bits22 = lBits[at_11 + c]
        const key22 = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const later_8 = -((key22 > best_7) | (key22 > 2130706432))
        const place = row0 ^ ((row0 ^ row0 + 1) & later)
        const place_2 = place ^ ((place ^ row0 + 2) & later_2)
        const place_3 = place_2 ^ ((place_2 ^ row1) & later_3)
        const place_4 = place_3 ^ ((place_3 ^ row1 + 1) & later_4)
        const place_5 = place_4 ^ ((place_4 ^ row1 + 2) & later_5)
        const place_6 = place_5 ^ ((place_5 ^ row2) & later_6)
        const place_7 = place_6 ^ ((place_6 ^ row2 + 1) & later_7)
        const max = l[(place_7 ^ ((place_7 ^ row2 + 2) & later_8)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp00 = Math.exp(l00 - greatest)
        const x10 = x[at_6 + c]
        const l10 = l[at_6 + c]
        const exp10 = Math.exp(l10 - greatest)
        const x20 = x[at_9 + c]
        const l20 = l[at_9 + c]
        const exp20 = Math.exp(l20 - greatest)
        const x01 = x[at_4 + c]
        const l01 = l[at_4 + c]
        const exp01 = Math.exp(l01 - greatest)
        const x11 = x[at_7 + c]
        const l11 = l[at_7 + c]
        const exp11 = Math.exp(l11 - greatest)
        const x21 = x[at_10 + c]
        const l21 = l[at_10 + c]
        const exp21 = Math.exp(l21 - greatest)
        const x02 = x[at_5 + c]
        const l02 = l[at_5 + c]
        const exp02 = Math.exp(l02 - greatest)
        const x12 = x[at_8 + c]
        const l12 = l[at_8 + c]
        const exp12 = Math.exp(l12 - greatest)
        const x22 = x[at_11 + c]
        const l22 = l[at_11 + c]
        const exp22 = Math.exp(l22 - greatest)
        // sum(x * exp(l))
        const sum = x00 * exp00 + x10 * exp10 + x20 * exp20 + (x01 * exp01 + x11 * exp11 + x21 * exp21) + (x02 * exp02 + x12 * exp12 + x22 * exp22)
        // sum(exp(l))
        const sum_2 = exp00 + exp10 + exp20 + (exp01 + exp11 + exp21) + (exp02 + exp12 + exp22)
        y[at_2 + c] = sum / sum_2
      }
    }
    if (ow < outWidth) {
      const at_2 = (outRow + ow) * channels
      const row0 = start + ow
      const at_3 = row0 * channels
      const at_4 = (row0 + 1) * channels
      const row1 = start + ow + width
      const at_5 = row1 * channels
      const at_6 = (row1 + 1) * channels
      const row2 = start + ow + 2 * width
      const at_7 = row2 * channels
      const at_8 = (row2 + 1) * channels
      for (let c = 0; c < channels; c++) {
        const x00 = x[at_3 + c]
        const l00 = l[at_3 + c]
        const bits00 = lBits[at_3 + c]
        const key00 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const later = -((key01 > key00) | (key01 > 2130706432))
        const best = key00 ^ ((key00 ^ key01) & later)
        const bits10 = lBits[at_5 + c]
        const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const later_2 = -((key10 > best) | (key10 > 2130706432))
        const best_2 = best ^ ((best ^ key10) & later_2)
        const bits11 = lBits[at_6 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later_3 = -((key11 > best_2) | (key11 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key11) & later_3)
        const bits20 = lBits[at_7 + c]
        const key20 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const later_4 = -((key20 > best_3) | (key20 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key20) & later_4)
        const bits21 = lBits[at_8 + c]
        const key21 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const later_5 = -((key21 > best_4) | (key21 > 2130706432))
        const place = row0 ^ ((row0 ^ row0 + 1) & later)
        const place_2 = place ^ ((place ^ row1) & later_2)
        const place_3 = place_2 ^ ((place_2 ^ row1 + 1) & later_3)
        const place_4 = place_3 ^ ((place_3 ^ row2) & later_4)
        const max = l[(place_4 ^ ((place_4 ^ row2 + 1) & later_5)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp00 = Math.exp(l00 - greatest)
        const x10 = x[at_5 + c]
        const l10 = l[at_5 + c]
        const exp10 = Math.exp(l10 - greatest)
        const x20 = x[at_7 + c]
        const l20 = l[at_7 + c]
        const exp20 = Math.exp(l20 - greatest)
        const x01 = x[at_4 + c]
        const l01 = l[at_4 + c]
        const exp01 = Math.exp(l01 - greatest)
        const x11 = x[at_6 + c]
        const l11 = l[at_6 + c]
        const exp11 = Math.exp(l11 - greatest)
        const x21 = x[at_8 + c]
        const l21 = l[at_8 + c]
        const exp21 = Math.exp(l21 - greatest)
        // sum(x * exp(l))
        const sum = x00 * exp00 + x10 * exp10 + x20 * exp20 + (x01 * exp01 + x11 * exp11 + x21 * exp21)
        // sum(exp(l))
        const sum_2 = exp00 + exp10 + exp20 + (exp01 + exp11 + exp21)
        y[at_2 + c] = sum / sum_2
      }
    }
  }
}
/** rows of windows without their last row of taps */
function windowsBottom(lBits, l, x, y, channels, width, outWidth, inPlane, outPlane, first, end) {
  const endW = width - 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh - 1) * width - 1
    let ow = 0
    {
      const at_2 = (outRow + ow) * channels
      const row0 = start + ow
      const at_3 = (row0 + 1) * channels
      const at_4 = (row0 + 2) * channels
      const row1 = start + ow + width
      const at_5 = (row1 + 1) * channels
      const at_6 = (row1 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const x01 = x[at_3 + c]
        const l01 = l[at_3 + c]
        const bits01 = lBits[at_3 + c]
        const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const bits02 = lBits[at_4 + c]
        const key02 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const later = -((key02 > key01) | (key02 > 2130706432))
        const best = key01 ^ ((key01 ^ key02) & later)
        const bits11 = lBits[at_5 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later_2 = -((key11 > best) | (key11 > 2130706432))
        const best_2 = best ^ ((best ^ key11) & later_2)
        const bits12 = lBits[at_6 + c]
        const key12 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const later_3 = -((key12 > best_2) | (key12 > 2130706432))
        const place = row0 + 1 ^ ((row0 + 1 ^ row0 + 2) & later)
        const place_2 = place ^ ((place ^ row1 + 1) & later_2)
        const max = l[(place_2 ^ ((place_2 ^ row1 + 2) & later_3)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp01 = Math.exp(l01 - greatest)
        const x11 = x[at_5 + c]
        const l11 = l[at_5 + c]
        const exp11 = Math.exp(l11 - greatest)
        const x02 = x[at_4 + c]
        const l02 = l[at_4 + c]
        const exp02 = Math.exp(l02 - greatest)
        const x12 = x[at_6 + c]
        const l12 = l[at_6 + c]
        const exp12 = Math.exp(l12 - greatest)
        // sum(x * exp(l))
        const sum = x01 * exp01 + x11 * exp11 + (x02 * exp02 + x12 * exp12)
        // sum(exp(l))
        const sum_2 = exp01 + exp11 + (exp02 + exp12)
        y[at_2 + c] = sum / sum_2
      }
    }
    ow++
    for (; ow < endW; ow++) {
      const at_2 = (outRow + ow) * channels
      const row0 = start + ow
      const at_3 = row0 * channels
      const at_4 = (row0 + 1) * channels
      const at_5 = (row0 + 2) * channels
      const row1 = start + ow + width
      const at_6 = row1 * channels
      const at_7 = (row1 + 1) * channels
      const at_8 = (row1 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const x00 = x[at_3 + c]
        const l00 = l[at_3 + c]
        const bits00 = lBits[at_3 + c]
        const key00 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const later = -((key01 > key00) | (key01 > 2130706432))
        const best = key00 ^ ((key00 ^ key01) & later)
        const bits02 = lBits[at_5 + c]
        const key02 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const later_2 = -((key02 > best) | (key02 > 2130706432))
        const best_2 = best ^ ((best ^ key02) & later_2)
        const bits10 = lBits[at_6 + c]
        const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const later_3 = -((key10 > best_2) | (key10 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key10) & later_3)
        const bits11 = lBits[at_7 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later_4 = -((key11 > best_3) | (key11 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key11) & later_4)
        const bits12 = lBits[at_8 + c]
        const key12 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const later_5 = -((key12 > best_4) | (key12 > 2130706432))
        const place = row0 ^ ((row0 ^ row0 + 1) & later)
        const place_2 = place ^ ((place ^ row0 + 2) & later_2)
        const place_3 = place_2 ^ ((place_2 ^ row1) & later_3)
        const place_4 = place_3 ^ ((place_3 ^ row1 + 1) & later_4)
        const max = l[(place_4 ^ ((place_4 ^ row1 + 2) & later_5)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp00 = Math.exp(l00 - greatest)
        const x10 = x[at_6 + c]
        const l10 = l[at_6 + c]
        const exp10 = Math.exp(l10 - greatest)
        const x01 = x[at_4 + c]
        const l01 = l[at_4 + c]
        const exp01 = Math.exp(l01 - greatest)
        const x11 = x[at_7 + c]
        const l11 = l[at_7 + c]
        const exp11 = Math.exp(l11 - greatest)
        const x02 = x[at_5 + c]
        const l02 = l[at_5 + c]
        const exp02 = Math.exp(l02 - greatest)
        const x12 = x[at_8 + c]
        const l12 = l[at_8 + c]
        const exp12 = Math.exp(l12 - greatest)
        // sum(x * exp(l))
        const sum = x00 * exp00 + x10 * exp10 + (x01 * exp01 + x11 * exp11) + (x02 * exp02 + x12 * exp12)
        // sum(exp(l))
        const sum_2 = exp00 + exp10 + (exp01 + exp11) + (exp02 + exp12)
        y[at_2 + c] = sum / sum_2
      }
    }
    if (ow < outWidth) {
      const at_2 = (outRow + ow) * channels
      const row0 = start + ow
      const at_3 = row0 * channels
      const at_4 = (row0 + 1) * channels
      const row1 = start + ow + width
      const at_5 = row1 * channels
      const at_6 = (row1 + 1) * channels
      for (let c = 0; c < channels; c++) {
        const x00 = x[at_3 + c]
        const l00 = l[at_3 + c]
        const bits00 = lBits[at_3 + c]
        const key00 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const later = -((key01 > key00) | (key01 > 2130706432))
        const best = key00 ^ ((key00 ^ key01) & later)
        const bits10 = lBits[at_5 + c]
        const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const later_2 = -((key10 > best) | (key10 > 2130706432))
        const best_2 = best ^ ((best ^ key10) & later_2)
        const bits11 = lBits[at_6 + c]
        const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later_3 = -((key11 > best_2) | (key11 > 2130706432))
        const place = row0 ^ ((row0 ^ row0 + 1) & later)
        const place_2 = place ^ ((place ^ row1) & later_2)
        const max = l[(place_2 ^ ((place_2 ^ row1 + 1) & later_3)) * channels + c]
        const greatest = Math.abs(max) < Infinity ? max : 0
        const exp00 = Math.exp(l00 - greatest)
        const x10 = x[at_5 + c]
        const l10 = l[at_5 + c]
        const exp10 = Math.exp(l10 - greatest)
        const x01 = x[at_4 + c]
        const l01 = l[at_4 + c]
        const exp01 = Math.exp(l01 - greatest)
        const x11 = x[at_6 + c]
        const l11 = l[at_6 + c]
        const exp11 = Math.exp(l11 - greatest)
        // sum(x * exp(l))
        const sum = x00 * exp00 + x10 * exp10 + (x01 * exp01 + x11 * exp11)
        // sum(exp(l))
        const sum_2 = exp00 + exp10 + (exp01 + exp11)
        y[at_2 + c] = sum / sum_2
      }
    }
  }
}
export function lipForward(lBits, l, x, y, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0; n < samples; n++) {
    const inPlane = n * (height * width), outPlane = n * (outHeight * outWidth)
    if (height < 2 || width < 2) {
      for (let oh = 0; oh < outHeight; oh++) {
        border(lBits, l, x, y, channels, height, width, outWidth, inPlane, outPlane, oh, 0, outWidth)
      }
    } else {
      windowsTop(lBits, l, x, y, channels, width, outWidth, inPlane, outPlane, 0, 1)
      windows(lBits, l, x, y, channels, width, outWidth, inPlane, outPlane, 1, height - 1)
      windowsBottom(lBits, l, x, y, channels, width, outWidth, inPlane, outPlane, height - 1, outHeight)
    }
  }
}
