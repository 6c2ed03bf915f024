/** `npx vite build examples/page`; the plugin builds the spec module where the page imports it. */
import { poolwright } from 'poolwright/unplugin'
import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  build: { outDir: '../../out/page', emptyOutDir: true, target: 'es2022' },
  plugins: [poolwright.vite()],
})
