import { existsSync } from 'node:fs';

/** Calls into the built stack library: Jest's set-up runs outside its transforms. */
export async function world(size, hook) {
  const url = new URL(`../stack/dist/jest/${size}-world.js`, import.meta.url);
  if (!existsSync(url)) throw new Error('The stack is not built. Run: npx tsc --build tools/stack');
  try {
    await (await import(url))[hook]();
  } catch (error) {
    throw error.output ? new Error(`${error.message}\n${error.output}`, { cause: error }) : error;
  }
}
