export default {
  base: './',
  build: {
    outDir: 'dist-vite',
    // The sizes are tfjs's.
    chunkSizeWarningLimit: 10_000,
  },
};
