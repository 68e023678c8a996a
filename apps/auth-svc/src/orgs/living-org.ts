import { isForeignKeyViolation } from '@oneclaw/database';
import { unauthenticated } from '@oneclaw/errors';

/** What is made for an org, or a member, that ends at this very moment is refused as everything is that comes later. */
export async function inLivingOrg<T>(insertion: Promise<T>): Promise<T> {
  return insertion.catch((error: unknown) => {
    throw isForeignKeyViolation(error) ? unauthenticated() : error;
  });
}
