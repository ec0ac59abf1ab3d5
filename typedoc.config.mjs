import {cpSync} from 'node:fs';
import {katex} from '@mdit/plugin-katex';
import {Converter, JSX, Renderer} from 'typedoc';

// The site: guides and reference by typedoc, with the playground beside them. It works under any path of any web server.

/** A guide is called what its heading says, not where its file lies. */
function nameGuides({converter}) {
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, guide) => {
    guide.name = /^# (.*)$/m.exec(guide.content.map(({text}) => text).join(''))?.[1] ?? guide.name;
  });
}

/** Puts the built playground beside the pages, which all lead to it. */
function addPlayground({renderer}) {
  renderer.hooks.on('sidebar.begin', ({relativeURL}) =>
    JSX.createElement('p', null, JSX.createElement('a', {href: relativeURL('playground/index.html')}, 'Playground')),
  );
  renderer.on(Renderer.EVENT_END, ({outputDirectory}) =>
    cpSync('examples/playground/dist', `${outputDirectory}/playground`, {recursive: true}),
  );
}

/** Formulae as MathML, which browsers draw by themselves. */
function drawFormulae(parser) {
  const transformer = (html) => {
    if (html.includes('katex-error')) throw new Error(`a formula that KaTeX does not read: ${html}`);
    return html;
  };
  parser.use(katex, {output: 'mathml', transformer});
  // constructor.name is no address.
  parser.disable('linkify');
}

/** @type {import('typedoc').TypeDocOptions} */
export default {
  name: 'Subset Tuning for TensorFlow.js',
  entryPointStrategy: 'packages',
  entryPoints: ['packages/*'],
  packageOptions: {
    tsconfig: 'tsconfig.build.json',
    skipErrorChecking: true,
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: true,
    requiredToBeDocumented: ['Class', 'Enum', 'Function', 'Interface', 'Method', 'TypeAlias', 'Variable'],
    validation: {invalidLink: true, notDocumented: true, notExported: true},
  },
  readme: 'docs/start.md',
  projectDocuments: [
    'docs/method.md',
    'packages/optimizer/docs/choosing.md',
    'docs/browser.md',
    'packages/kernels/docs/add-a-backend.md',
    'packages/models/docs/families.md',
    'docs/releasing.md',
  ],
  favicon: 'examples/playground/src/icon.svg',
  plugin: [nameGuides, addPlayground],
  markdownItLoader: drawFormulae,
  // The playground is put there afterwards.
  validation: {invalidPath: false},
  sort: ['source-order'],
  out: 'site',
  cleanOutputDir: true,
  logLevel: 'Warn',
  treatWarningsAsErrors: true,
};
