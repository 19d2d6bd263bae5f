import { createHash } from 'node:crypto';
import { defineConfig, type Plugin } from 'vite';

// Tell the service worker which files make the offline shell: everything that was built but itself and
// the scanner's engine, which weighs more than all the rest and comes when somebody scans.
function precacheList(): Plugin {
  return {
    name: 'precache-list',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle).filter((f) => f.fileName !== 'sw.js' && !f.fileName.endsWith('.wasm'));
      const list = files.map((f) => ({
        url: f.fileName === 'index.html' ? '/' : `/${f.fileName}`,
        // Hashed names say all; what keeps its name is known by its bytes.
        revision: f.fileName.startsWith('assets/') ? null
          : createHash('sha256').update(f.type === 'chunk' ? f.code : f.source).digest('hex').slice(0, 16),
      }));
      const worker = bundle['sw.js'];
      if (worker?.type === 'chunk') worker.code = worker.code.replace('self.__PRECACHE', JSON.stringify(list));
    },
  };
}

export default defineConfig({
  base: '/',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  plugins: [precacheList()],
  build: {
    target: 'es2020',
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: scripts or fonts
    rollupOptions: {
      input: { main: 'index.html', sw: 'src/sw.ts' },
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8470' } },
});
