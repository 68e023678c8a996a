import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './stack/setup/root.mjs';

/**
 * What the lockfile would bring onto a machine, checked without a network (docs/supply-chain.md): every package comes from npm's registry, has a
 * licence that this project may ship, and, where it wants to run a script at installation, was decided on by name in `allowScripts`.
 * `--list` prints the packages that `npm ci --omit dev` would install, with their licences; `--sbom` leaves only these of an SBOM of
 * everything. (npm's own `--omit dev` also omits whatever some development tool needs besides, 90 packages of services among them.)
 */
const LICENCES = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'MIT-0', 'Python-2.0'],
  ...['CC-BY-4.0', 'CC0-1.0', 'Unlicense', 'Zlib'],
]);

/** Where a package says its licence in a way that npm does not read; read in its LICENSE file. */
const READ_BY_HAND = { 'passport-strategy': 'MIT' };

const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
const { allowScripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

const installed = Object.entries(packages)
  .filter(([place, { link }]) => place.includes('node_modules/') && !link)
  .map(([place, entry]) => {
    const name = entry.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return { ...entry, name, licence: entry.license ?? READ_BY_HAND[name] ?? 'unknown' };
  });

const faults = installed.flatMap((entry) => {
  const { name, version, licence, hasInstallScript, resolved } = entry;
  const found = [];
  if (!mayBeShipped(licence))
    found.push(`its licence, ${licence}, is not one of those in tools/check-dependencies.mjs`);
  if (hasInstallScript && !(name in allowScripts))
    found.push('it has an install script: decide in allowScripts of package.json');
  if (resolved && !resolved.startsWith('https://registry.npmjs.org/')) found.push(`it comes from ${resolved}`);
  return found.map((fault) => `${name}@${version}: ${fault}`);
});

const shipped = new Map(
  installed.filter(({ dev }) => !dev).map(({ name, version, licence }) => [`${name}@${version}`, licence]),
);
if (process.argv.includes('--list')) {
  const lines = [...shipped].map(([id, licence]) => `${id}\t${licence}`);
  process.stdout.write(`${lines.sort().join('\n')}\n`);
}
if (process.argv.includes('--sbom')) process.stdout.write(`${JSON.stringify(ofShipped(), null, 2)}\n`);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** The CycloneDX document of `npm sbom` on stdin, with what is shipped and this repository's own packages only. */
function ofShipped() {
  const bom = JSON.parse(readFileSync(0, 'utf8'));
  bom.metadata.component.name = 'oneclaw';
  const ours = Object.entries(packages).filter(([place]) => !place.includes('node_modules/'));
  const own = new Set(ours.map(([, { name, version }]) => `${name}@${version}`));
  const idOf = ({ purl }) => decodeURIComponent(purl.slice('pkg:npm/'.length)).replace(/[?#].*/, '');
  bom.components = bom.components
    .filter((component) => shipped.has(idOf(component)) || own.has(idOf(component)))
    .map((component) => {
      // A package that is there twice has the properties of one of them.
      const properties = component.properties?.filter(({ name }) => name !== 'cdx:npm:package:development');
      const licences = component.licenses ?? [{ license: { id: shipped.get(idOf(component)) } }];
      return { ...component, properties, licenses: licences };
    });
  const kept = new Set([bom.metadata.component, ...bom.components].map((component) => component['bom-ref']));
  bom.dependencies = bom.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
  return bom;
}

/** SPDX expressions as packages write them: one level of AND or OR. */
function mayBeShipped(expression) {
  const terms = expression.replace(/^\(|\)$/g, '');
  if (terms.includes(' OR ')) return terms.split(' OR ').some((each) => LICENCES.has(each));
  return terms.split(' AND ').every((each) => LICENCES.has(each));
}
