export { DomainError, isDomainError, type ErrorCode, type ErrorOptions } from './domain-error.js';
export {
  alreadyExists,
  conflict,
  gone,
  internal,
  invalid,
  notFound,
  permissionDenied,
  preconditionFailed,
  rateLimited,
  unauthenticated,
  unavailable,
} from './factories.js';
