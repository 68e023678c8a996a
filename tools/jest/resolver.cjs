const { existsSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');

/**
 * Our imports are written as Node runs them: `./x.js` in the package, `@oneclaw/<lib>` between packages. In tests both
 * mean the TypeScript source. Everything else, and the tools (which start processes from dist), resolves as usual.
 */
module.exports = function resolve(request, options) {
  return sourceOf(request, options.basedir) ?? options.defaultResolver(request, options);
};

function sourceOf(request, basedir) {
  const [, lib, entry = 'index'] = /^@oneclaw\/([a-z-]+)(?:\/([a-z-]+))?$/.exec(request) ?? [];
  if (lib) return existing(path.join(root, 'libs', lib, 'src', `${entry}.ts`));
  if (!/^\.{1,2}\/.*\.js$/.test(request) || basedir.includes(`${path.sep}node_modules${path.sep}`)) return undefined;
  return existing(path.resolve(basedir, request.replace(/\.js$/, '.ts')));
}

function existing(file) {
  return existsSync(file) ? file : undefined;
}
