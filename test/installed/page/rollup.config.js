import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';

export default {
  input: 'main.js',
  output: {dir: 'dist-rollup'},
  plugins: [nodeResolve({browser: true, preferBuiltins: false}), commonjs()],
  onwarn(warning, warn) {
    // TypeScript's helpers in tfjs look for an older self at `this`.
    if (warning.code !== 'THIS_IS_UNDEFINED') warn(warning);
  },
};
