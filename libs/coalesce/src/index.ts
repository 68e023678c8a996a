export { AGAIN, Coalescer, type CoalescerOptions } from './coalescer.js';
export { BoundedQueue, type BoundedQueueOptions } from './bounded-queue.js';
export { Politeness } from './politeness.js';
