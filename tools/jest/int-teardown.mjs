import { world } from './world.mjs';

export default () => world('int', 'teardown');
