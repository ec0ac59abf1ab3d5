export default {
  mode: 'production',
  entry: './main.js',
  output: {path: `${import.meta.dirname}/dist-webpack`, filename: 'main.js'},
  // The sizes are tfjs's, and so is most of the time that minifying takes.
  performance: {hints: false},
  optimization: {minimize: false},
};
