/**
 * Whether the servers of the tests recognise requests by their bytes: `RECOGNISE_REQUESTS=off` in the environment of the tests turns it off.
 * Tests of the recognition itself do not use this.
 */
export const recognition = process.env['RECOGNISE_REQUESTS'] === 'off' ? 'off' : 'on'
