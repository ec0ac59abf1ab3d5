// Serves the repository's files as they are: nothing is bundled.
export default {appType: 'mpa', build: {outDir: '../..'}};
