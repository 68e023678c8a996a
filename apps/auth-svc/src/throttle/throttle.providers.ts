import { ThrottlesRepository } from '@oneclaw/database';
import { Throttle } from './throttle.service.js';

export const throttle = [ThrottlesRepository, Throttle];
