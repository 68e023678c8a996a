import { existsSync } from 'node:fs';

/** Imports a module of the built stack library; Jest's set-up runs outside its transforms. */
export function dist(file) {
  const url = new URL(`../stack/dist/${file}`, import.meta.url);
  if (!existsSync(url))
    throw new Error('The stack is not built. Run `npx tsc --build tools/stack`, or use `npm test -- <pattern>`.');
  return import(url);
}
