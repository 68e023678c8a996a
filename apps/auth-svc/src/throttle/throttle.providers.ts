import { Throttle } from './throttle.service.js';
import { ThrottlesRepository } from './throttles.repository.js';

export const throttle = [ThrottlesRepository, Throttle];
