import { dist } from './dist.mjs';

export default async () => (await dist('jest/int-world.js')).teardown();
