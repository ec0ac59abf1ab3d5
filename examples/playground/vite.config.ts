import {read} from '@subset-tuning/tiny-translator';
import {defineConfig, type Plugin} from 'vite';
import {pageHeaders, workerHeaders} from './headers.js';

/** Puts the translator's checkpoint beside the page, so that the page can show how much of it has come. */
function translator(): Plugin {
  return {
    name: 'translator',
    async generateBundle() {
      for (const file of ['config.json', 'tokenizer.json', 'model.safetensors']) {
        this.emitFile({type: 'asset', fileName: `translator/${file}`, source: await read(file)});
      }
    },
  };
}

/** Serves the page with its headers. A worker has a policy of its own, that of its script. */
function headers(): Plugin {
  return {
    name: 'headers',
    configurePreviewServer({middlewares}) {
      middlewares.use((request, response, next) => {
        const isWorker = /\/worker-[^/]*\.js$/.test(request.url ?? '');
        response.setHeaders(new Map(Object.entries(isWorker ? workerHeaders : pageHeaders)));
        next();
      });
    },
  };
}

const output = {
  // tfjs starts its threads from the text of a function, so names stay, and with them each `typeof` that asks for one.
  minify: {mangle: false, compress: false, codegen: true},
} as const;

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  appType: 'mpa',
  // The sentences, which are fetched as they are.
  publicDir: '../formal-german/data',
  plugins: [translator(), headers()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 3000,
    modulePreload: {polyfill: false},
    rolldownOptions: {output},
  },
  worker: {format: 'es', rolldownOptions: {output}},
  preview: {port: 4173},
});
