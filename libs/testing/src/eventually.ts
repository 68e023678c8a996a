/**
 * Waits until `check` stops throwing, for behaviour that has no event to wait for. Fails with the check's last error.
 * Not for hiding races: what must hold at once is asserted at once.
 */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs = 15_000): Promise<T> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
