// Who may import whom. Imports point downwards only:
//   cli → trainer, tasks, adapters, models, deltas → optimizer → kernels; safetensors, gguf, hub and checks are at the bottom.

/** Packages by name; the rules below speak of folders in `packages/`. */
const folder = (...names) => `^packages/(${names.join('|')})/`;

/** Tests and what they share. */
const TEST = '^packages/[^/]+/(golden/|.*[.]test[.]ts$)';

/** What each package may import of the others; what is not named here is forbidden. */
const allowed = {
  checks: [],
  gguf: ['safetensors', 'checks'],
  safetensors: ['checks'],
  hub: ['checks'],
  'tiny-translator': [],
  kernels: ['checks'],
  'kernels-[^/]+': ['kernels', 'checks'],
  optimizer: ['kernels', 'checks'],
  tasks: ['kernels', 'safetensors', 'checks'],
  models: ['kernels', 'safetensors', 'gguf', 'hub', 'checks'],
  deltas: ['kernels', 'safetensors', 'checks'],
  adapters: ['optimizer', 'kernels', 'safetensors', 'checks'],
  trainer: ['optimizer', 'kernels', 'safetensors', 'checks'],
  cli: ['[^/]+'],
};

/** What the tests of a package may import besides: adapters know no model's package, and are tried on its models. */
const inTests = {adapters: ['models']};

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {name: 'no-cycle', severity: 'error', from: {}, to: {circular: true}},
    {name: 'no-unresolvable', severity: 'error', from: {}, to: {couldNotResolve: true}},
    ...Object.entries(allowed).flatMap(([name, others]) =>
      [false, true].map((isTest) => ({
        name: `${isTest ? 'tests-of-' : ''}${name.replace('[^/]+', '*')}-${isTest ? 'import' : 'imports'}-downwards`,
        severity: 'error',
        from: isTest ? {path: `${folder(name)}(golden/|.*[.]test[.]ts$)`} : {path: folder(name), pathNot: [TEST]},
        to: {path: '^packages/', pathNot: folder(name, ...others, ...(isTest ? (inTests[name] ?? []) : []))},
      })),
    ),
    {
      name: 'kernel-packages-do-not-know-each-other',
      severity: 'error',
      from: {path: '^packages/(kernels-[^/]+)/'},
      to: {path: folder('kernels-[^/]+'), pathNot: '^packages/$1/'},
    },
    {
      name: 'every-package-has-its-place',
      comment: 'A new package must be named in the table above.',
      severity: 'error',
      from: {path: '^packages/', pathNot: folder(...Object.keys(allowed))},
      to: {},
    },
    {
      name: 'nobody-imports-an-end',
      comment:
        'The command line, examples, benchmarks and shared tests are ends: nothing but examples, on what they share, is built on them.',
      severity: 'error',
      from: {path: '^(packages/[^/]+|examples/[^/]+|bench|test)/'},
      to: {
        path: '^(packages/cli|examples/[^/]+|bench|test)/',
        pathNot: [
          '^$1/',
          '^examples/shared/',
          '^test/(backends/(chromium|load-tfjs-node)|hub-server|read-file|real-model|scale|text-data)',
        ],
      },
    },
    {
      name: 'only-tests-import-shared-tests',
      severity: 'error',
      from: {path: '^(packages|examples|bench)/', pathNot: '[.]test[.]ts$|/golden/'},
      to: {path: '^test/'},
    },
    {
      name: 'by-package-name-only',
      comment: 'Another package is imported by its name, so through its entry, never by a path into its sources.',
      severity: 'error',
      from: {path: '^(packages/[^/]+|examples/[^/]+|bench|test)/'},
      to: {path: '^(packages|examples)/[^/]+/', pathNot: '^$1/', dependencyTypes: ['local']},
    },
  ],
  options: {
    doNotFollow: {path: ['node_modules', '/dist/']},
    // Tests of README examples write theirs to folders of their own.
    exclude: {path: ['/assembly/', '^test/[.]tmp-', '^test/installed/page/']},
    tsPreCompilationDeps: true,
    tsConfig: {fileName: 'tsconfig.base.json'},
    enhancedResolveOptions: {exportsFields: ['exports'], conditionNames: ['types', 'import', 'default']},
  },
};
