export { loadConfig, ConfigError, type Environment } from './load-config.js';
export { boolean, duration, integer, listenAddress, list, secretFile, text } from './fields.js';
export { baseFields, type BaseConfig } from './base-fields.js';
export { z } from 'zod';
