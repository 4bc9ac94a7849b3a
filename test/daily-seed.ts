/**
 * Seed of all random choices in a test run: the number of days since 1970. The choices change every day, and two runs
 * on the same day make the same choices. TEST_SEED=n sets another seed, or repeats the seed of an earlier day.
 */
export const dailySeed = Number(process.env['TEST_SEED'] ?? Math.floor(Date.now() / 86_400_000))
