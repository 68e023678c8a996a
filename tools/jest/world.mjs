import { existsSync } from 'node:fs';

/** Calls into the built stack library: Jest's set-up runs outside its transforms. */
export async function world(size, hook) {
  const url = new URL(`../stack/dist/jest/${size}-world.js`, import.meta.url);
  if (!existsSync(url)) throw new Error('The stack is not built. Run: npx tsc --build tools/stack');
  const { setup, teardown } = await import(url);
  if (hook === 'teardown') return teardown();
  try {
    await setup();
  } catch (error) {
    // Jest tears down only what was set up.
    await teardown();
    throw error.output ? new Error(`${error.message}\n${error.output}`, { cause: error }) : error;
  }
}
