import { world } from './world.mjs';

export default () => world('e2e', 'setup');
