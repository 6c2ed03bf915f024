// lip: sum(x * exp(l)) / sum(exp(l))
// window 3x3, stride 1, padding 1 (counted: divisor 9); float32, channels-last
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":4,"split":1,"extents":"dynamic"}
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
        const bits22 = lBits[at_6 + c]
        const key = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const bits21 = lBits[at_5 + c]
        const key_2 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const bits12 = lBits[at_4 + c]
        const key_3 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const bits11 = lBits[at_3 + c]
        const key_4 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const later = -((key_3 > key_4) | (key_3 > 2130706432))
        const best = key_4 ^ ((key_4 ^ key_3) & later)
        const later_2 = -((key_2 > best) | (key_2 > 2130706432))
        const best_2 = best ^ ((best ^ key_2) & later_2)
        const later_3 = -((key > best_2) | (key > 2130706432))
        const at_7 = row1 + 1 ^ ((row1 + 1 ^ row1 + 2) & later)
        const at_8 = at_7 ^ ((at_7 ^ row2 + 1) & later_2)
        const max = l[(at_8 ^ ((at_8 ^ row2 + 2) & later_3)) * channels + c]
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
        const bits22 = lBits[at_8 + c]
        const key = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const bits21 = lBits[at_7 + c]
        const key_2 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const bits20 = lBits[at_6 + c]
        const key_3 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const bits12 = lBits[at_5 + c]
        const key_4 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const bits11 = lBits[at_4 + c]
        const key_5 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits10 = lBits[at_3 + c]
        const key_6 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const later = -((key_5 > key_6) | (key_5 > 2130706432))
        const best = key_6 ^ ((key_6 ^ key_5) & later)
        const later_2 = -((key_4 > best) | (key_4 > 2130706432))
        const best_2 = best ^ ((best ^ key_4) & later_2)
        const later_3 = -((key_3 > best_2) | (key_3 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key_3) & later_3)
        const later_4 = -((key_2 > best_3) | (key_2 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key_2) & later_4)
        const later_5 = -((key > best_4) | (key > 2130706432))
        const at_9 = row1 ^ ((row1 ^ row1 + 1) & later)
        const at_10 = at_9 ^ ((at_9 ^ row1 + 2) & later_2)
        const at_11 = at_10 ^ ((at_10 ^ row2) & later_3)
        const at_12 = at_11 ^ ((at_11 ^ row2 + 1) & later_4)
        const max = l[(at_12 ^ ((at_12 ^ row2 + 2) & later_5)) * channels + c]
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
        const bits21 = lBits[at_6 + c]
        const key = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const bits20 = lBits[at_5 + c]
        const key_2 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const bits11 = lBits[at_4 + c]
        const key_3 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits10 = lBits[at_3 + c]
        const key_4 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const later = -((key_3 > key_4) | (key_3 > 2130706432))
        const best = key_4 ^ ((key_4 ^ key_3) & later)
        const later_2 = -((key_2 > best) | (key_2 > 2130706432))
        const best_2 = best ^ ((best ^ key_2) & later_2)
        const later_3 = -((key > best_2) | (key > 2130706432))
        const at_7 = row1 ^ ((row1 ^ row1 + 1) & later)
        const at_8 = at_7 ^ ((at_7 ^ row2) & later_2)
        const max = l[(at_8 ^ ((at_8 ^ row2 + 1) & later_3)) * channels + c]
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
        const bits22 = lBits[at_8 + c]
        const key = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const bits21 = lBits[at_7 + c]
        const key_2 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const bits12 = lBits[at_6 + c]
        const key_3 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const bits11 = lBits[at_5 + c]
        const key_4 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits02 = lBits[at_4 + c]
        const key_5 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const bits01 = lBits[at_3 + c]
        const key_6 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const later = -((key_5 > key_6) | (key_5 > 2130706432))
        const best = key_6 ^ ((key_6 ^ key_5) & later)
        const later_2 = -((key_4 > best) | (key_4 > 2130706432))
        const best_2 = best ^ ((best ^ key_4) & later_2)
        const later_3 = -((key_3 > best_2) | (key_3 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key_3) & later_3)
        const later_4 = -((key_2 > best_3) | (key_2 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key_2) & later_4)
        const later_5 = -((key > best_4) | (key > 2130706432))
        const at_9 = row0 + 1 ^ ((row0 + 1 ^ row0 + 2) & later)
        const at_10 = at_9 ^ ((at_9 ^ row1 + 1) & later_2)
        const at_11 = at_10 ^ ((at_10 ^ row1 + 2) & later_3)
        const at_12 = at_11 ^ ((at_11 ^ row2 + 1) & later_4)
        const max = l[(at_12 ^ ((at_12 ^ row2 + 2) & later_5)) * channels + c]
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
    for (; ow < endW - 3; ow += 4) {
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
      const at_16 = (outRow + ow + 2) * channels
      const at_17 = (row0 + 4) * channels
      const at_18 = (row1 + 4) * channels
      const at_19 = (row2 + 4) * channels
      const at_20 = (outRow + ow + 3) * channels
      const at_21 = (row0 + 5) * channels
      const at_22 = (row1 + 5) * channels
      const at_23 = (row2 + 5) * channels
      for (let c = 0; c < channels; c++) {
        const x00 = x[at_3 + c]
        const l00 = l[at_3 + c]
        const bits22 = lBits[at_11 + c]
        const key = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const bits21 = lBits[at_10 + c]
        const key_2 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const bits20 = lBits[at_9 + c]
        const key_3 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const bits12 = lBits[at_8 + c]
        const key_4 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const bits11 = lBits[at_7 + c]
        const key_5 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits10 = lBits[at_6 + c]
        const key_6 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const bits02 = lBits[at_5 + c]
        const key_7 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key_8 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const bits00 = lBits[at_3 + c]
        const key_9 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const later = -((key_8 > key_9) | (key_8 > 2130706432))
        const best = key_9 ^ ((key_9 ^ key_8) & later)
        const later_2 = -((key_7 > best) | (key_7 > 2130706432))
        const best_2 = best ^ ((best ^ key_7) & later_2)
        const later_3 = -((key_6 > best_2) | (key_6 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key_6) & later_3)
        const later_4 = -((key_5 > best_3) | (key_5 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key_5) & later_4)
        const later_5 = -((key_4 > best_4) | (key_4 > 2130706432))
        const best_5 = best_4 ^ ((best_4 ^ key_4) & later_5)
        const later_6 = -((key_3 > best_5) | (key_3 > 2130706432))
        const best_6 = best_5 ^ ((best_5 ^ key_3) & later_6)
        const later_7 = -((key_2 > best_6) | (key_2 > 2130706432))
        const best_7 = best_6 ^ ((best_6 ^ key_2) & later_7)
        const later_8 = -((key > best_7) | (key > 2130706432))
        const at_24 = row0 ^ ((row0 ^ row0 + 1) & later)
        const at_25 = at_24 ^ ((at_24 ^ row0 + 2) & later_2)
        const at_26 = at_25 ^ ((at_25 ^ row1) & later_3)
        const at_27 = at_26 ^ ((at_26 ^ row1 + 1) & later_4)
        const at_28 = at_27 ^ ((at_27 ^ row1 + 2) & later_5)
        const at_29 = at_28 ^ ((at_28 ^ row2) & later_6)
        const at_30 = at_29 ^ ((at_29 ^ row2 + 1) & later_7)
        const max0 = l[(at_30 ^ ((at_30 ^ row2 + 2) & later_8)) * channels + c]
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
        const bits23 = lBits[at_15 + c]
        const key_10 = ((bits23 ^ ((bits23 >> 31) >>> 1)) - (bits23 >> 31) - 8388608) | 0
        const bits13 = lBits[at_14 + c]
        const key_11 = ((bits13 ^ ((bits13 >> 31) >>> 1)) - (bits13 >> 31) - 8388608) | 0
        const bits03 = lBits[at_13 + c]
        const key_12 = ((bits03 ^ ((bits03 >> 31) >>> 1)) - (bits03 >> 31) - 8388608) | 0
        const later_9 = -((key_7 > key_8) | (key_7 > 2130706432))
        const best_8 = key_8 ^ ((key_8 ^ key_7) & later_9)
        const later_10 = -((key_12 > best_8) | (key_12 > 2130706432))
        const best_9 = best_8 ^ ((best_8 ^ key_12) & later_10)
        const later_11 = -((key_5 > best_9) | (key_5 > 2130706432))
        const best_10 = best_9 ^ ((best_9 ^ key_5) & later_11)
        const later_12 = -((key_4 > best_10) | (key_4 > 2130706432))
        const best_11 = best_10 ^ ((best_10 ^ key_4) & later_12)
        const later_13 = -((key_11 > best_11) | (key_11 > 2130706432))
        const best_12 = best_11 ^ ((best_11 ^ key_11) & later_13)
        const later_14 = -((key_2 > best_12) | (key_2 > 2130706432))
        const best_13 = best_12 ^ ((best_12 ^ key_2) & later_14)
        const later_15 = -((key > best_13) | (key > 2130706432))
        const best_14 = best_13 ^ ((best_13 ^ key) & later_15)
        const later_16 = -((key_10 > best_14) | (key_10 > 2130706432))
        const at_31 = row0 + 1 ^ ((row0 + 1 ^ row0 + 2) & later_9)
        const at_32 = at_31 ^ ((at_31 ^ row0 + 3) & later_10)
        const at_33 = at_32 ^ ((at_32 ^ row1 + 1) & later_11)
        const at_34 = at_33 ^ ((at_33 ^ row1 + 2) & later_12)
        const at_35 = at_34 ^ ((at_34 ^ row1 + 3) & later_13)
        const at_36 = at_35 ^ ((at_35 ^ row2 + 1) & later_14)
        const at_37 = at_36 ^ ((at_36 ^ row2 + 2) & later_15)
        const max1 = l[(at_37 ^ ((at_37 ^ row2 + 3) & later_16)) * channels + c]
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
        const bits24 = lBits[at_19 + c]
        const key_13 = ((bits24 ^ ((bits24 >> 31) >>> 1)) - (bits24 >> 31) - 8388608) | 0
        const bits14 = lBits[at_18 + c]
        const key_14 = ((bits14 ^ ((bits14 >> 31) >>> 1)) - (bits14 >> 31) - 8388608) | 0
        const bits04 = lBits[at_17 + c]
        const key_15 = ((bits04 ^ ((bits04 >> 31) >>> 1)) - (bits04 >> 31) - 8388608) | 0
        const later_17 = -((key_12 > key_7) | (key_12 > 2130706432))
        const best_15 = key_7 ^ ((key_7 ^ key_12) & later_17)
        const later_18 = -((key_15 > best_15) | (key_15 > 2130706432))
        const best_16 = best_15 ^ ((best_15 ^ key_15) & later_18)
        const later_19 = -((key_4 > best_16) | (key_4 > 2130706432))
        const best_17 = best_16 ^ ((best_16 ^ key_4) & later_19)
        const later_20 = -((key_11 > best_17) | (key_11 > 2130706432))
        const best_18 = best_17 ^ ((best_17 ^ key_11) & later_20)
        const later_21 = -((key_14 > best_18) | (key_14 > 2130706432))
        const best_19 = best_18 ^ ((best_18 ^ key_14) & later_21)
        const later_22 = -((key > best_19) | (key > 2130706432))
        const best_20 = best_19 ^ ((best_19 ^ key) & later_22)
        const later_23 = -((key_10 > best_20) | (key_10 > 2130706432))
        const best_21 = best_20 ^ ((best_20 ^ key_10) & later_23)
        const later_24 = -((key_13 > best_21) | (key_13 > 2130706432))
        const at_38 = row0 + 2 ^ ((row0 + 2 ^ row0 + 3) & later_17)
        const at_39 = at_38 ^ ((at_38 ^ row0 + 4) & later_18)
        const at_40 = at_39 ^ ((at_39 ^ row1 + 2) & later_19)
        const at_41 = at_40 ^ ((at_40 ^ row1 + 3) & later_20)
        const at_42 = at_41 ^ ((at_41 ^ row1 + 4) & later_21)
        const at_43 = at_42 ^ ((at_42 ^ row2 + 2) & later_22)
        const at_44 = at_43 ^ ((at_43 ^ row2 + 3) & later_23)
        const max2 = l[(at_44 ^ ((at_44 ^ row2 + 4) & later_24)) * channels + c]
        const greatest2 = Math.abs(max2) < Infinity ? max2 : 0
        const exp00_2 = Math.exp(l02 - greatest2)
        const exp10_2 = Math.exp(l12 - greatest2)
        const exp20_2 = Math.exp(l22 - greatest2)
        const exp01_2 = Math.exp(l03 - greatest2)
        const exp11_2 = Math.exp(l13 - greatest2)
        const exp21_2 = Math.exp(l23 - greatest2)
        const x04 = x[at_17 + c]
        const l04 = l[at_17 + c]
        const exp02_2 = Math.exp(l04 - greatest2)
        const x14 = x[at_18 + c]
        const l14 = l[at_18 + c]
        const exp12_2 = Math.exp(l14 - greatest2)
        const x24 = x[at_19 + c]
        const l24 = l[at_19 + c]
        const exp22_2 = Math.exp(l24 - greatest2)
        const sum2 = x02 * exp00_2 + x12 * exp10_2 + x22 * exp20_2 + (x03 * exp01_2 + x13 * exp11_2 + x23 * exp21_2) + (x04 * exp02_2 + x14 * exp12_2 + x24 * exp22_2)
        const sum2_2 = exp00_2 + exp10_2 + exp20_2 + (exp01_2 + exp11_2 + exp21_2) + (exp02_2 + exp12_2 + exp22_2)
        y[at_16 + c] = sum2 / sum2_2
        const bits25 = lBits[at_23 + c]
        const key_16 = ((bits25 ^ ((bits25 >> 31) >>> 1)) - (bits25 >> 31) - 8388608) | 0
        const bits15 = lBits[at_22 + c]
        const key_17 = ((bits15 ^ ((bits15 >> 31) >>> 1)) - (bits15 >> 31) - 8388608) | 0
        const bits05 = lBits[at_21 + c]
        const key_18 = ((bits05 ^ ((bits05 >> 31) >>> 1)) - (bits05 >> 31) - 8388608) | 0
        const later_25 = -((key_15 > key_12) | (key_15 > 2130706432))
        const best_22 = key_12 ^ ((key_12 ^ key_15) & later_25)
        const later_26 = -((key_18 > best_22) | (key_18 > 2130706432))
        const best_23 = best_22 ^ ((best_22 ^ key_18) & later_26)
        const later_27 = -((key_11 > best_23) | (key_11 > 2130706432))
        const best_24 = best_23 ^ ((best_23 ^ key_11) & later_27)
        const later_28 = -((key_14 > best_24) | (key_14 > 2130706432))
        const best_25 = best_24 ^ ((best_24 ^ key_14) & later_28)
        const later_29 = -((key_17 > best_25) | (key_17 > 2130706432))
        const best_26 = best_25 ^ ((best_25 ^ key_17) & later_29)
        const later_30 = -((key_10 > best_26) | (key_10 > 2130706432))
        const best_27 = best_26 ^ ((best_26 ^ key_10) & later_30)
        const later_31 = -((key_13 > best_27) | (key_13 > 2130706432))
        const best_28 = best_27 ^ ((best_27 ^ key_13) & later_31)
        const later_32 = -((key_16 > best_28) | (key_16 > 2130706432))
        const at_45 = row0 + 3 ^ ((row0 + 3 ^ row0 + 4) & later_25)
        const at_46 = at_45 ^ ((at_45 ^ row0 + 5) & later_26)
        const at_47 = at_46 ^ ((at_46 ^ row1 + 3) & later_27)
        const at_48 = at_47 ^ ((at_47 ^ row1 + 4) & later_28)
        const at_49 = at_48 ^ ((at_48 ^ row1 + 5) & later_29)
        const at_50 = at_49 ^ ((at_49 ^ row2 + 3) & later_30)
        const at_51 = at_50 ^ ((at_50 ^ row2 + 4) & later_31)
        const max3 = l[(at_51 ^ ((at_51 ^ row2 + 5) & later_32)) * channels + c]
        const greatest3 = Math.abs(max3) < Infinity ? max3 : 0
        const exp00_3 = Math.exp(l03 - greatest3)
        const exp10_3 = Math.exp(l13 - greatest3)
        const exp20_3 = Math.exp(l23 - greatest3)
        const exp01_3 = Math.exp(l04 - greatest3)
        const exp11_3 = Math.exp(l14 - greatest3)
        const exp21_3 = Math.exp(l24 - greatest3)
        const x05 = x[at_21 + c]
        const l05 = l[at_21 + c]
        const exp02_3 = Math.exp(l05 - greatest3)
        const x15 = x[at_22 + c]
        const l15 = l[at_22 + c]
        const exp12_3 = Math.exp(l15 - greatest3)
        const x25 = x[at_23 + c]
        const l25 = l[at_23 + c]
        const exp22_3 = Math.exp(l25 - greatest3)
        const sum3 = x03 * exp00_3 + x13 * exp10_3 + x23 * exp20_3 + (x04 * exp01_3 + x14 * exp11_3 + x24 * exp21_3) + (x05 * exp02_3 + x15 * exp12_3 + x25 * exp22_3)
        const sum3_2 = exp00_3 + exp10_3 + exp20_3 + (exp01_3 + exp11_3 + exp21_3) + (exp02_3 + exp12_3 + exp22_3)
        y[at_20 + c] = sum3 / sum3_2
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
        const bits22 = lBits[at_11 + c]
        const key = ((bits22 ^ ((bits22 >> 31) >>> 1)) - (bits22 >> 31) - 8388608) | 0
        const bits21 = lBits[at_10 + c]
        const key_2 = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const bits20 = lBits[at_9 + c]
        const key_3 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const bits12 = lBits[at_8 + c]
        const key_4 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const bits11 = lBits[at_7 + c]
        const key_5 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits10 = lBits[at_6 + c]
        const key_6 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const bits02 = lBits[at_5 + c]
        const key_7 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key_8 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const bits00 = lBits[at_3 + c]
        const key_9 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const later = -((key_8 > key_9) | (key_8 > 2130706432))
        const best = key_9 ^ ((key_9 ^ key_8) & later)
        const later_2 = -((key_7 > best) | (key_7 > 2130706432))
        const best_2 = best ^ ((best ^ key_7) & later_2)
        const later_3 = -((key_6 > best_2) | (key_6 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key_6) & later_3)
        const later_4 = -((key_5 > best_3) | (key_5 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key_5) & later_4)
        const later_5 = -((key_4 > best_4) | (key_4 > 2130706432))
        const best_5 = best_4 ^ ((best_4 ^ key_4) & later_5)
        const later_6 = -((key_3 > best_5) | (key_3 > 2130706432))
        const best_6 = best_5 ^ ((best_5 ^ key_3) & later_6)
        const later_7 = -((key_2 > best_6) | (key_2 > 2130706432))
        const best_7 = best_6 ^ ((best_6 ^ key_2) & later_7)
        const later_8 = -((key > best_7) | (key > 2130706432))
        const at_12 = row0 ^ ((row0 ^ row0 + 1) & later)
        const at_13 = at_12 ^ ((at_12 ^ row0 + 2) & later_2)
        const at_14 = at_13 ^ ((at_13 ^ row1) & later_3)
        const at_15 = at_14 ^ ((at_14 ^ row1 + 1) & later_4)
        const at_16 = at_15 ^ ((at_15 ^ row1 + 2) & later_5)
        const at_17 = at_16 ^ ((at_16 ^ row2) & later_6)
        const at_18 = at_17 ^ ((at_17 ^ row2 + 1) & later_7)
        const max = l[(at_18 ^ ((at_18 ^ row2 + 2) & later_8)) * channels + c]
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
        const bits21 = lBits[at_8 + c]
        const key = ((bits21 ^ ((bits21 >> 31) >>> 1)) - (bits21 >> 31) - 8388608) | 0
        const bits20 = lBits[at_7 + c]
        const key_2 = ((bits20 ^ ((bits20 >> 31) >>> 1)) - (bits20 >> 31) - 8388608) | 0
        const bits11 = lBits[at_6 + c]
        const key_3 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits10 = lBits[at_5 + c]
        const key_4 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key_5 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const bits00 = lBits[at_3 + c]
        const key_6 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const later = -((key_5 > key_6) | (key_5 > 2130706432))
        const best = key_6 ^ ((key_6 ^ key_5) & later)
        const later_2 = -((key_4 > best) | (key_4 > 2130706432))
        const best_2 = best ^ ((best ^ key_4) & later_2)
        const later_3 = -((key_3 > best_2) | (key_3 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key_3) & later_3)
        const later_4 = -((key_2 > best_3) | (key_2 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key_2) & later_4)
        const later_5 = -((key > best_4) | (key > 2130706432))
        const at_9 = row0 ^ ((row0 ^ row0 + 1) & later)
        const at_10 = at_9 ^ ((at_9 ^ row1) & later_2)
        const at_11 = at_10 ^ ((at_10 ^ row1 + 1) & later_3)
        const at_12 = at_11 ^ ((at_11 ^ row2) & later_4)
        const max = l[(at_12 ^ ((at_12 ^ row2 + 1) & later_5)) * channels + c]
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
        const bits12 = lBits[at_6 + c]
        const key = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const bits11 = lBits[at_5 + c]
        const key_2 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits02 = lBits[at_4 + c]
        const key_3 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const bits01 = lBits[at_3 + c]
        const key_4 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const later = -((key_3 > key_4) | (key_3 > 2130706432))
        const best = key_4 ^ ((key_4 ^ key_3) & later)
        const later_2 = -((key_2 > best) | (key_2 > 2130706432))
        const best_2 = best ^ ((best ^ key_2) & later_2)
        const later_3 = -((key > best_2) | (key > 2130706432))
        const at_7 = row0 + 1 ^ ((row0 + 1 ^ row0 + 2) & later)
        const at_8 = at_7 ^ ((at_7 ^ row1 + 1) & later_2)
        const max = l[(at_8 ^ ((at_8 ^ row1 + 2) & later_3)) * channels + c]
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
        const bits12 = lBits[at_8 + c]
        const key = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
        const bits11 = lBits[at_7 + c]
        const key_2 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits10 = lBits[at_6 + c]
        const key_3 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const bits02 = lBits[at_5 + c]
        const key_4 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key_5 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const bits00 = lBits[at_3 + c]
        const key_6 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const later = -((key_5 > key_6) | (key_5 > 2130706432))
        const best = key_6 ^ ((key_6 ^ key_5) & later)
        const later_2 = -((key_4 > best) | (key_4 > 2130706432))
        const best_2 = best ^ ((best ^ key_4) & later_2)
        const later_3 = -((key_3 > best_2) | (key_3 > 2130706432))
        const best_3 = best_2 ^ ((best_2 ^ key_3) & later_3)
        const later_4 = -((key_2 > best_3) | (key_2 > 2130706432))
        const best_4 = best_3 ^ ((best_3 ^ key_2) & later_4)
        const later_5 = -((key > best_4) | (key > 2130706432))
        const at_9 = row0 ^ ((row0 ^ row0 + 1) & later)
        const at_10 = at_9 ^ ((at_9 ^ row0 + 2) & later_2)
        const at_11 = at_10 ^ ((at_10 ^ row1) & later_3)
        const at_12 = at_11 ^ ((at_11 ^ row1 + 1) & later_4)
        const max = l[(at_12 ^ ((at_12 ^ row1 + 2) & later_5)) * channels + c]
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
        const bits11 = lBits[at_6 + c]
        const key = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
        const bits10 = lBits[at_5 + c]
        const key_2 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
        const bits01 = lBits[at_4 + c]
        const key_3 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
        const bits00 = lBits[at_3 + c]
        const key_4 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
        const later = -((key_3 > key_4) | (key_3 > 2130706432))
        const best = key_4 ^ ((key_4 ^ key_3) & later)
        const later_2 = -((key_2 > best) | (key_2 > 2130706432))
        const best_2 = best ^ ((best ^ key_2) & later_2)
        const later_3 = -((key > best_2) | (key > 2130706432))
        const at_7 = row0 ^ ((row0 ^ row0 + 1) & later)
        const at_8 = at_7 ^ ((at_7 ^ row1) & later_2)
        const max = l[(at_8 ^ ((at_8 ^ row1 + 1) & later_3)) * channels + c]
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
