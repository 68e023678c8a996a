import { dist } from './dist.mjs';

export default async () => (await dist('jest/e2e-world.js')).teardown();
