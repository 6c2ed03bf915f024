/** Before a program: WebGPU on the CPU, where nobody names another SwiftShader, or none by an empty POOLWRIGHT_SWIFTSHADER. */
import { swiftShader } from './fetch-swiftshader.mjs'

process.env.POOLWRIGHT_SWIFTSHADER ??= (await swiftShader()) ?? ''
