import { describeHsmContract } from './hsm.contract.js';
import { SoftwareHsm } from './software-hsm.js';

describeHsmContract('SoftwareHsm', async () => new SoftwareHsm());
