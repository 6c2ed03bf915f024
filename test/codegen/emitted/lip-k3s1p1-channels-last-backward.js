// lip: the gradient of sum(x * exp(l)) / sum(exp(l))
// window 3x3, stride 1, padding 1 (counted: divisor 9); float32, channels-last
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":1,"rows":1,"fold":"columns","extrema":"keys","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
// a key is the bits of a float32 made to order as the floats do, NaN on top: an integer comparison needs no branch
/** windows by loops over the taps that lie inside */
function border(lBits, l, x, yGrad, xGrad, lGrad, channels, height, width, outWidth, inPlane, outPlane, oh, first, end) {
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
      // sum(exp(l))
      // sum(x * exp(l))
      let sum = 0
      let sum_2 = 0
      const max = l[(chosen) * channels + c]
      const greatest = Math.abs(max) < Infinity ? max : 0
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        for (let tw = wFrom; tw < wTo; tw++) {
          const at = row + tw
          const l_2 = l[(at) * channels + c]
          sum += Math.exp(l_2 - greatest)
          const x_2 = x[(at) * channels + c]
          sum_2 += x_2 * Math.exp(l_2 - greatest)
        }
      }
      const dy = yGrad[(outRow + ow) * channels + c]
      const share = dy / sum
      const share_2 = sum_2 / sum
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        for (let tw = wFrom; tw < wTo; tw++) {
          const at = row + tw
          const l_2 = l[(at) * channels + c]
          const exp = Math.exp(l_2 - greatest)
          xGrad[(at) * channels + c] += share * exp
          const x_2 = x[(at) * channels + c]
          lGrad[(at) * channels + c] += share * ((x_2 - share_2) * exp)
        }
      }
    }
  }
}
/** rows of windows without their first row of taps */
function windowsTop(lBits, l, x, yGrad, xGrad, lGrad, channels, width, outWidth, inPlane, outPlane, first, end) {
  const endW = width - 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh - 1) * width - 1
    let ow = 0
    {
      const row1 = start + ow + width
      const at_2 = (outRow + ow) * channels
      const at_3 = (row1 + 1) * channels
      const at_4 = (row1 + 2) * channels
      const row2 = start + ow + 2 * width
      const at_5 = (row2 + 1) * channels
      const at_6 = (row2 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const dy = yGrad[at_2 + c]
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
        const l21 = l[at_5 + c]
        const exp21 = Math.exp(l21 - greatest)
        const l12 = l[at_4 + c]
        const exp12 = Math.exp(l12 - greatest)
        const l22 = l[at_6 + c]
        const exp22 = Math.exp(l22 - greatest)
        // sum(exp(l))
        const sum = exp11 + exp21 + (exp12 + exp22)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp11
        xGrad[at_4 + c] += share * exp12
        xGrad[at_5 + c] += share * exp21
        xGrad[at_6 + c] += share * exp22
        const x11 = x[at_3 + c]
        const x21 = x[at_5 + c]
        const x12 = x[at_4 + c]
        const x22 = x[at_6 + c]
        // sum(x * exp(l))
        const sum_2 = x11 * exp11 + x21 * exp21 + (x12 * exp12 + x22 * exp22)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x11 - share_2) * exp11)
        lGrad[at_4 + c] += share * ((x12 - share_2) * exp12)
        lGrad[at_5 + c] += share * ((x21 - share_2) * exp21)
        lGrad[at_6 + c] += share * ((x22 - share_2) * exp22)
      }
    }
    ow++
    for (; ow < endW; ow++) {
      const row1 = start + ow + width
      const at_2 = (outRow + ow) * channels
      const at_3 = row1 * channels
      const at_4 = (row1 + 1) * channels
      const at_5 = (row1 + 2) * channels
      const row2 = start + ow + 2 * width
      const at_6 = row2 * channels
      const at_7 = (row2 + 1) * channels
      const at_8 = (row2 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const dy = yGrad[at_2 + c]
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
        const l20 = l[at_6 + c]
        const exp20 = Math.exp(l20 - greatest)
        const l11 = l[at_4 + c]
        const exp11 = Math.exp(l11 - greatest)
        const l21 = l[at_7 + c]
        const exp21 = Math.exp(l21 - greatest)
        const l12 = l[at_5 + c]
        const exp12 = Math.exp(l12 - greatest)
        const l22 = l[at_8 + c]
        const exp22 = Math.exp(l22 - greatest)
        // sum(exp(l))
        const sum = exp10 + exp20 + (exp11 + exp21) + (exp12 + exp22)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp10
        xGrad[at_4 + c] += share * exp11
        xGrad[at_5 + c] += share * exp12
        xGrad[at_6 + c] += share * exp20
        xGrad[at_7 + c] += share * exp21
        xGrad[at_8 + c] += share * exp22
        const x10 = x[at_3 + c]
        const x20 = x[at_6 + c]
        const x11 = x[at_4 + c]
        const x21 = x[at_7 + c]
        const x12 = x[at_5 + c]
        const x22 = x[at_8 + c]
        // sum(x * exp(l))
        const sum_2 = x10 * exp10 + x20 * exp20 + (x11 * exp11 + x21 * exp21) + (x12 * exp12 + x22 * exp22)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x10 - share_2) * exp10)
        lGrad[at_4 + c] += share * ((x11 - share_2) * exp11)
        lGrad[at_5 + c] += share * ((x12 - share_2) * exp12)
        lGrad[at_6 + c] += share * ((x20 - share_2) * exp20)
        lGrad[at_7 + c] += share * ((x21 - share_2) * exp21)
        lGrad[at_8 + c] += share * ((x22 - share_2) * exp22)
      }
    }
    if (ow < outWidth) {
      const row1 = start + ow + width
      const at_2 = (outRow + ow) * channels
      const at_3 = row1 * channels
      const at_4 = (row1 + 1) * channels
      const row2 = start + ow + 2 * width
      const at_5 = row2 * channels
      const at_6 = (row2 + 1) * channels
      for (let c = 0; c < channels; c++) {
        const dy = yGrad[at_2 + c]
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
        const l20 = l[at_5 + c]
        const exp20 = Math.exp(l20 - greatest)
        const l11 = l[at_4 + c]
        const exp11 = Math.exp(l11 - greatest)
        const l21 = l[at_6 + c]
        const exp21 = Math.exp(l21 - greatest)
        // sum(exp(l))
        const sum = exp10 + exp20 + (exp11 + exp21)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp10
        xGrad[at_4 + c] += share * exp11
        xGrad[at_5 + c] += share * exp20
        xGrad[at_6 + c] += share * exp21
        const x10 = x[at_3 + c]
        const x20 = x[at_5 + c]
        const x11 = x[at_4 + c]
        const x21 = x[at_6 + c]
        // sum(x * exp(l))
        const sum_2 = x10 * exp10 + x20 * exp20 + (x11 * exp11 + x21 * exp21)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x10 - share_2) * exp10)
        lGrad[at_4 + c] += share * ((x11 - share_2) * exp11)
        lGrad[at_5 + c] += share * ((x20 - share_2) * exp20)
        lGrad[at_6 + c] += share * ((x21 - share_2) * exp21)
      }
    }
  }
}
/** rows of windows with all rows of taps inside */
function windows(lBits, l, x, yGrad, xGrad, lGrad, channels, width, outWidth, inPlane, outPlane, first, end) {
  const endW = width - 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh - 1) * width - 1
    let ow = 0
    {
      const row0 = start + ow
      const at_2 = (outRow + ow) * channels
      const at_3 = (row0 + 1) * channels
      const at_4 = (row0 + 2) * channels
      const row1 = start + ow + width
      const at_5 = (row1 + 1) * channels
      const at_6 = (row1 + 2) * channels
      const row2 = start + ow + 2 * width
      const at_7 = (row2 + 1) * channels
      const at_8 = (row2 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const dy = yGrad[at_2 + c]
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
        const l11 = l[at_5 + c]
        const exp11 = Math.exp(l11 - greatest)
        const l21 = l[at_7 + c]
        const exp21 = Math.exp(l21 - greatest)
        const l02 = l[at_4 + c]
        const exp02 = Math.exp(l02 - greatest)
        const l12 = l[at_6 + c]
        const exp12 = Math.exp(l12 - greatest)
        const l22 = l[at_8 + c]
        const exp22 = Math.exp(l22 - greatest)
        // sum(exp(l))
        const sum = exp01 + exp11 + exp21 + (exp02 + exp12 + exp22)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp01
        xGrad[at_4 + c] += share * exp02
        xGrad[at_5 + c] += share * exp11
        xGrad[at_6 + c] += share * exp12
        xGrad[at_7 + c] += share * exp21
        xGrad[at_8 + c] += share * exp22
        const x01 = x[at_3 + c]
        const x11 = x[at_5 + c]
        const x21 = x[at_7 + c]
        const x02 = x[at_4 + c]
        const x12 = x[at_6 + c]
        const x22 = x[at_8 + c]
        // sum(x * exp(l))
        const sum_2 = x01 * exp01 + x11 * exp11 + x21 * exp21 + (x02 * exp02 + x12 * exp12 + x22 * exp22)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x01 - share_2) * exp01)
        lGrad[at_4 + c] += share * ((x02 - share_2) * exp02)
        lGrad[at_5 + c] += share * ((x11 - share_2) * exp11)
        lGrad[at_6 + c] += share * ((x12 - share_2) * exp12)
        lGrad[at_7 + c] += share * ((x21 - share_2) * exp21)
        lGrad[at_8 + c] += share * ((x22 - share_2) * exp22)
      }
    }
    ow++
    for (; ow < endW; ow++) {
      const row0 = start + ow
      const at_2 = (outRow + ow) * channels
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
        const dy = yGrad[at_2 + c]
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
        const l10 = l[at_6 + c]
        const exp10 = Math.exp(l10 - greatest)
        const l20 = l[at_9 + c]
        const exp20 = Math.exp(l20 - greatest)
        const l01 = l[at_4 + c]
        const exp01 = Math.exp(l01 - greatest)
        const l11 = l[at_7 + c]
        const exp11 = Math.exp(l11 - greatest)
        const l21 = l[at_10 + c]
        const exp21 = Math.exp(l21 - greatest)
        const l02 = l[at_5 + c]
        const exp02 = Math.exp(l02 - greatest)
        const l12 = l[at_8 + c]
        const exp12 = Math.exp(l12 - greatest)
        const l22 = l[at_11 + c]
        const exp22 = Math.exp(l22 - greatest)
        // sum(exp(l))
        const sum = exp00 + exp10 + exp20 + (exp01 + exp11 + exp21) + (exp02 + exp12 + exp22)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp00
        xGrad[at_4 + c] += share * exp01
        xGrad[at_5 + c] += share * exp02
        xGrad[at_6 + c] += share * exp10
        xGrad[at_7 + c] += share * exp11
        xGrad[at_8 + c] += share * exp12
        xGrad[at_9 + c] += share * exp20
        xGrad[at_10 + c] += share * exp21
        xGrad[at_11 + c] += share * exp22
        const x00 = x[at_3 + c]
        const x10 = x[at_6 + c]
        const x20 = x[at_9 + c]
        const x01 = x[at_4 + c]
        const x11 = x[at_7 + c]
        const x21 = x[at_10 + c]
        const x02 = x[at_5 + c]
        const x12 = x[at_8 + c]
        const x22 = x[at_11 + c]
        // sum(x * exp(l))
        const sum_2 = x00 * exp00 + x10 * exp10 + x20 * exp20 + (x01 * exp01 + x11 * exp11 + x21 * exp21) + (x02 * exp02 + x12 * exp12 + x22 * exp22)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x00 - share_2) * exp00)
        lGrad[at_4 + c] += share * ((x01 - share_2) * exp01)
        lGrad[at_5 + c] += share * ((x02 - share_2) * exp02)
        lGrad[at_6 + c] += share * ((x10 - share_2) * exp10)
        lGrad[at_7 + c] += share * ((x11 - share_2) * exp11)
        lGrad[at_8 + c] += share * ((x12 - share_2) * exp12)
        lGrad[at_9 + c] += share * ((x20 - share_2) * exp20)
        lGrad[at_10 + c] += share * ((x21 - share_2) * exp21)
        lGrad[at_11 + c] += share * ((x22 - share_2) * exp22)
      }
    }
    if (ow < outWidth) {
      const row0 = start + ow
      const at_2 = (outRow + ow) * channels
      const at_3 = row0 * channels
      const at_4 = (row0 + 1) * channels
      const row1 = start + ow + width
      const at_5 = row1 * channels
      const at_6 = (row1 + 1) * channels
      const row2 = start + ow + 2 * width
      const at_7 = row2 * channels
      const at_8 = (row2 + 1) * channels
      for (let c = 0; c < channels; c++) {
        const dy = yGrad[at_2 + c]
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
        const l10 = l[at_5 + c]
        const exp10 = Math.exp(l10 - greatest)
        const l20 = l[at_7 + c]
        const exp20 = Math.exp(l20 - greatest)
        const l01 = l[at_4 + c]
        const exp01 = Math.exp(l01 - greatest)
        const l11 = l[at_6 + c]
        const exp11 = Math.exp(l11 - greatest)
        const l21 = l[at_8 + c]
        const exp21 = Math.exp(l21 - greatest)
        // sum(exp(l))
        const sum = exp00 + exp10 + exp20 + (exp01 + exp11 + exp21)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp00
        xGrad[at_4 + c] += share * exp01
        xGrad[at_5 + c] += share * exp10
        xGrad[at_6 + c] += share * exp11
        xGrad[at_7 + c] += share * exp20
        xGrad[at_8 + c] += share * exp21
        const x00 = x[at_3 + c]
        const x10 = x[at_5 + c]
        const x20 = x[at_7 + c]
        const x01 = x[at_4 + c]
        const x11 = x[at_6 + c]
        const x21 = x[at_8 + c]
        // sum(x * exp(l))
        const sum_2 = x00 * exp00 + x10 * exp10 + x20 * exp20 + (x01 * exp01 + x11 * exp11 + x21 * exp21)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x00 - share_2) * exp00)
        lGrad[at_4 + c] += share * ((x01 - share_2) * exp01)
        lGrad[at_5 + c] += share * ((x10 - share_2) * exp10)
        lGrad[at_6 + c] += share * ((x11 - share_2) * exp11)
        lGrad[at_7 + c] += share * ((x20 - share_2) * exp20)
        lGrad[at_8 + c] += share * ((x21 - share_2) * exp21)
      }
    }
  }
}
/** rows of windows without their last row of taps */
function windowsBottom(lBits, l, x, yGrad, xGrad, lGrad, channels, width, outWidth, inPlane, outPlane, first, end) {
  const endW = width - 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh - 1) * width - 1
    let ow = 0
    {
      const row0 = start + ow
      const at_2 = (outRow + ow) * channels
      const at_3 = (row0 + 1) * channels
      const at_4 = (row0 + 2) * channels
      const row1 = start + ow + width
      const at_5 = (row1 + 1) * channels
      const at_6 = (row1 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const dy = yGrad[at_2 + c]
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
        const l11 = l[at_5 + c]
        const exp11 = Math.exp(l11 - greatest)
        const l02 = l[at_4 + c]
        const exp02 = Math.exp(l02 - greatest)
        const l12 = l[at_6 + c]
        const exp12 = Math.exp(l12 - greatest)
        // sum(exp(l))
        const sum = exp01 + exp11 + (exp02 + exp12)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp01
        xGrad[at_4 + c] += share * exp02
        xGrad[at_5 + c] += share * exp11
        xGrad[at_6 + c] += share * exp12
        const x01 = x[at_3 + c]
        const x11 = x[at_5 + c]
        const x02 = x[at_4 + c]
        const x12 = x[at_6 + c]
        // sum(x * exp(l))
        const sum_2 = x01 * exp01 + x11 * exp11 + (x02 * exp02 + x12 * exp12)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x01 - share_2) * exp01)
        lGrad[at_4 + c] += share * ((x02 - share_2) * exp02)
        lGrad[at_5 + c] += share * ((x11 - share_2) * exp11)
        lGrad[at_6 + c] += share * ((x12 - share_2) * exp12)
      }
    }
    ow++
    for (; ow < endW; ow++) {
      const row0 = start + ow
      const at_2 = (outRow + ow) * channels
      const at_3 = row0 * channels
      const at_4 = (row0 + 1) * channels
      const at_5 = (row0 + 2) * channels
      const row1 = start + ow + width
      const at_6 = row1 * channels
      const at_7 = (row1 + 1) * channels
      const at_8 = (row1 + 2) * channels
      for (let c = 0; c < channels; c++) {
        const dy = yGrad[at_2 + c]
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
        const l10 = l[at_6 + c]
        const exp10 = Math.exp(l10 - greatest)
        const l01 = l[at_4 + c]
        const exp01 = Math.exp(l01 - greatest)
        const l11 = l[at_7 + c]
        const exp11 = Math.exp(l11 - greatest)
        const l02 = l[at_5 + c]
        const exp02 = Math.exp(l02 - greatest)
        const l12 = l[at_8 + c]
        const exp12 = Math.exp(l12 - greatest)
        // sum(exp(l))
        const sum = exp00 + exp10 + (exp01 + exp11) + (exp02 + exp12)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp00
        xGrad[at_4 + c] += share * exp01
        xGrad[at_5 + c] += share * exp02
        xGrad[at_6 + c] += share * exp10
        xGrad[at_7 + c] += share * exp11
        xGrad[at_8 + c] += share * exp12
        const x00 = x[at_3 + c]
        const x10 = x[at_6 + c]
        const x01 = x[at_4 + c]
        const x11 = x[at_7 + c]
        const x02 = x[at_5 + c]
        const x12 = x[at_8 + c]
        // sum(x * exp(l))
        const sum_2 = x00 * exp00 + x10 * exp10 + (x01 * exp01 + x11 * exp11) + (x02 * exp02 + x12 * exp12)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x00 - share_2) * exp00)
        lGrad[at_4 + c] += share * ((x01 - share_2) * exp01)
        lGrad[at_5 + c] += share * ((x02 - share_2) * exp02)
        lGrad[at_6 + c] += share * ((x10 - share_2) * exp10)
        lGrad[at_7 + c] += share * ((x11 - share_2) * exp11)
        lGrad[at_8 + c] += share * ((x12 - share_2) * exp12)
      }
    }
    if (ow < outWidth) {
      const row0 = start + ow
      const at_2 = (outRow + ow) * channels
      const at_3 = row0 * channels
      const at_4 = (row0 + 1) * channels
      const row1 = start + ow + width
      const at_5 = row1 * channels
      const at_6 = (row1 + 1) * channels
      for (let c = 0; c < channels; c++) {
        const dy = yGrad[at_2 + c]
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
        const l10 = l[at_5 + c]
        const exp10 = Math.exp(l10 - greatest)
        const l01 = l[at_4 + c]
        const exp01 = Math.exp(l01 - greatest)
        const l11 = l[at_6 + c]
        const exp11 = Math.exp(l11 - greatest)
        // sum(exp(l))
        const sum = exp00 + exp10 + (exp01 + exp11)
        const share = dy / sum
        xGrad[at_3 + c] += share * exp00
        xGrad[at_4 + c] += share * exp01
        xGrad[at_5 + c] += share * exp10
        xGrad[at_6 + c] += share * exp11
        const x00 = x[at_3 + c]
        const x10 = x[at_5 + c]
        const x01 = x[at_4 + c]
        const x11 = x[at_6 + c]
        // sum(x * exp(l))
        const sum_2 = x00 * exp00 + x10 * exp10 + (x01 * exp01 + x11 * exp11)
        const share_2 = sum_2 / sum
        lGrad[at_3 + c] += share * ((x00 - share_2) * exp00)
        lGrad[at_4 + c] += share * ((x01 - share_2) * exp01)
        lGrad[at_5 + c] += share * ((x10 - share_2) * exp10)
        lGrad[at_6 + c] += share * ((x11 - share_2) * exp11)
      }
    }
  }
}
export function lipBackward(lBits, l, x, yGrad, xGrad, lGrad, samples, channels, height, width, outHeight, outWidth) {
  xGrad.fill(0)
  lGrad.fill(0)
  for (let n = 0; n < samples; n++) {
    const inPlane = n * (height * width), outPlane = n * (outHeight * outWidth)
    if (height < 2 || width < 2) {
      for (let oh = 0; oh < outHeight; oh++) {
        border(lBits, l, x, yGrad, xGrad, lGrad, channels, height, width, outWidth, inPlane, outPlane, oh, 0, outWidth)
      }
    } else {
      windowsTop(lBits, l, x, yGrad, xGrad, lGrad, channels, width, outWidth, inPlane, outPlane, 0, 1)
      windows(lBits, l, x, yGrad, xGrad, lGrad, channels, width, outWidth, inPlane, outPlane, 1, height - 1)
      windowsBottom(lBits, l, x, yGrad, xGrad, lGrad, channels, width, outWidth, inPlane, outPlane, height - 1, outHeight)
    }
  }
}
