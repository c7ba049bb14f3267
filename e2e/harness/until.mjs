/** How long anything may take before it counts as broken: generous, since machines are shared and slow. */
export const PATIENCE = 60_000;

/**
 * Asks again and again until there is an answer other than undefined, null or false.
 * @template T
 * @param {string} what for the error
 * @param {() => T | Promise<T>} ask an error it throws counts as "not yet", and is told at the end
 * @param {number} [within] milliseconds
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, within = PATIENCE) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${within} ms`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
