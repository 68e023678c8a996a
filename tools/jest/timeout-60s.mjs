import { jest } from '@jest/globals';

// Tests that talk to real processes share two cores with them.
jest.setTimeout(60_000);
