/** Before a program: a browser that needs no GPU, where nobody names another. */
import { chromium } from './fetch-chromium.mjs'

process.env.POOLWRIGHT_CHROMIUM ??= (await chromium()) ?? ''
