import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver, VantResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vitest/config'

// Each kit is imported on demand, so that a resident's phone never downloads the desk's components.
const kits = Components({
  dirs: [],
  dts: false,
  resolvers: [VantResolver({ importStyle: 'css' }), ElementPlusResolver({ importStyle: 'css' })],
})

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.LINLI_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue(), kits],
  resolve: {
    alias: [
      { find: '@', replacement: here('./src') },
      // Vant's icon font comes as a data URL, which the policy of the page forbids; our icons are Lucide's.
      { find: /^\.\.\/\.\.\/icon\/index\.css$/, replacement: here('./src/styles/no-font.css') },
    ],
  },
  build: {
    target: ['chrome79', 'safari13.1'],
    manifest: true,
    // Data URLs would need img-src data: in the policy of the page.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    // HTTP/1.1: a handful of files, not fifty. The kits stay apart, so that a phone never loads the desk's.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'vue',
              test: /node_modules\/(@vue|vue|vue-router|vue-i18n|@intlify|pinia|@tanstack|openapi-fetch)\//,
              priority: 3,
            },
            { name: 'phone-kit', test: /node_modules\/(vant|@vant)\//, priority: 3 },
            {
              name: 'resident',
              test: /src\/(api|i18n\/(?!zh\/(desk|staff)|en)|stores|shells\/phone|domains\/[^/]+\/(phone|[^/]+\.(ts|vue)$)|ui\/(?!desk|AsOfPicker|UnitPicker|PersonPicker))|@lucide/,
              priority: 2,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': server, '/docs': server, '/openapi.json': server } },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    server: { deps: { inline: ['element-plus', 'vant'] } },
  },
})
